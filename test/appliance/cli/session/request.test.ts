import { type ApprovalRequest, type Receipt, SpiffeId } from '@physiclaw/contracts';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import type { Client } from '#appliance/cli/session/client.ts';
import { findRequest } from '#appliance/cli/session/request.ts';
import { intentOf } from '#test/services/policy/intents.ts';
import { entryText, receiptFor, vkey } from '../../proof/checkpoint/sample-receipt.ts';

const intent = intentOf({ actuator: 'exec', arguments: { argv: ['true'] } });
const text = canonicalize(intent);
const id = `r-${'1'.repeat(32)}`;
const asked = {
  kind: 'decision',
  session: intent.session,
  turn: intent.turn,
  intent: hashIntent(text),
  actuator: 'exec',
  verdict: 'ask',
  rules: ['balanced:ask'],
  policy: '0'.repeat(64),
  request: id,
  statements: [],
  enrolments: [],
  profile: 'sandbox',
  driver: 'bubblewrap',
  isolation: 'none',
  mode: 'solo',
  selfApproved: false,
};
const receipt = receiptFor(entryText(asked));
const request: ApprovalRequest = {
  request: id,
  session: intent.session,
  principal: SpiffeId.parse('spiffe://test.internal/user/ada'),
  turn: intent.turn,
  intent: text,
  hash: hashIntent(text),
  rules: ['balanced:ask'],
  policy: '0'.repeat(64),
  state: 'pending',
  decision: receipt.index,
  requestedAt: new Date(1_800_000_000_000).toISOString(),
  notAfter: '2027-01-15T09:00:00Z',
  log: { origin: 'physiclaw.example/log', size: receipt.index + 1 },
};

/** A gateway that shows this request, and this receipt of the entry that asked for it. */
function showing(one: ApprovalRequest, proof: Receipt = receipt): Pick<Client, 'call'> {
  return {
    call: async (name, method) => {
      await Promise.resolve();
      return method.reply.parse(name === 'auditReceipt' ? proof : { requests: [one] });
    },
  };
}

const find = (gateway: Pick<Client, 'call'>, name = id) => findRequest(gateway, name, vkey);

test('a request that shows what the log has is found', async () => {
  expect(await find(showing(request))).toEqual(request);
});

test('a request that nobody made is told apart', async () => {
  await expect(find(showing(request), `r-${'2'.repeat(32)}`)).rejects.toMatchObject({
    code: 'REQUEST_UNKNOWN',
  });
});

test('a request is asked for by its name, however many there are', async () => {
  const questions: unknown[] = [];
  const call: Client['call'] = (name, method, question) => {
    questions.push(question);
    return showing(request).call(name, method, question);
  };
  await find({ call });

  expect(questions[0]).toEqual({ request: id });
});

test('a request whose bytes were lost is not signed', async () => {
  await expect(find(showing({ ...request, intent: '' }))).rejects.toMatchObject({
    code: 'REQUEST_LOST',
  });
});

const other = canonicalize({ ...intent, arguments: { argv: ['rm', '-r', '.'] } });

test.each([
  ['hash', 'a harmless intent over the hash of another', { hash: 'f'.repeat(64) }],
  ['hash', 'another intent than the log has', { intent: other, hash: hashIntent(other) }],
  ['hash', 'another intent over the hash that the log has', { intent: other }],
  ['session', 'another session than the intent’s', { session: `s-${'9'.repeat(32)}` }],
  ['turn', 'another turn than the intent’s', { turn: `t-${'9'.repeat(32)}` }],
  ['policy', 'another policy', { policy: 'f'.repeat(64) }],
  ['rules', 'other rules', { rules: ['balanced:harmless'] }],
  ['requestedAt', 'another time', { requestedAt: '2026-11-21T00:00:00Z' }],
  ['log', 'another place in the log', { log: { ...request.log, size: 2 } }],
])('the %s of an entry is held against %s', async (name, _what, change) => {
  await expect(find(showing({ ...request, ...change }))).rejects.toMatchObject({
    code: 'REQUEST_FORGED',
    message: expect.stringContaining(`the ${name} that entry ${receipt.index} of the log has`),
  });
});

test('a request that no entry of the log asks for is not signed', async () => {
  const allowed = receiptFor(entryText({ ...asked, verdict: 'allow' }));
  const changed = { ...receipt, entry: entryText({ ...asked, rules: [] }) };

  await expect(find(showing(request, allowed))).rejects.toMatchObject({ code: 'REQUEST_FORGED' });
  await expect(find(showing(request, receiptFor(receipt.entry, 4)))).rejects.toMatchObject({
    code: 'RECEIPT_FOREIGN',
  });
  await expect(find(showing(request, changed))).rejects.toMatchObject({
    code: 'PROOF_INCLUSION_INVALID',
  });
});

test('an intent that could be read in two ways is not signed', async () => {
  const loose = { ...request, intent: JSON.stringify(intent, undefined, 1) };

  await expect(find(showing(loose))).rejects.toMatchObject({ code: 'PROOF_INTENT_INVALID' });
});
