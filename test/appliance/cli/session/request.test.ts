import { type ApprovalRequest, SpiffeId } from '@physiclaw/contracts';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import type { Client } from '#appliance/cli/session/client.ts';
import { findRequest } from '#appliance/cli/session/request.ts';
import { intentOf } from '#test/services/policy/intents.ts';

const intent = intentOf({ actuator: 'exec', arguments: { argv: ['true'] } });
const text = canonicalize(intent);
const id = `r-${'1'.repeat(32)}`;
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
  decision: 1,
  requestedAt: '2026-11-21T00:00:00Z',
  notAfter: '2026-11-21T01:00:00Z',
  log: { origin: 'test.internal/log', size: 1 },
};

/** A gateway that shows this request. */
function showing(one: ApprovalRequest): Pick<Client, 'call'> {
  return {
    call: async (_name, method) => {
      await Promise.resolve();
      return method.reply.parse({ requests: [one] });
    },
  };
}

test('a request that shows what it names is found', async () => {
  expect(await findRequest(showing(request), id)).toEqual(request);
});

test('a request that nobody made is told apart', async () => {
  await expect(findRequest(showing(request), `r-${'2'.repeat(32)}`)).rejects.toMatchObject({
    code: 'REQUEST_UNKNOWN',
  });
});

test.each([
  ['a harmless intent over the hash of another', { hash: 'f'.repeat(64) }],
  ['another session than the intent’s', { session: `s-${'9'.repeat(32)}` }],
])('%s is not signed', async (_what, change) => {
  await expect(findRequest(showing({ ...request, ...change }), id)).rejects.toMatchObject({
    code: 'REQUEST_FORGED',
  });
});

test('an intent that could be read in two ways is not signed', async () => {
  const loose = { ...request, intent: JSON.stringify(intent, undefined, 1) };

  await expect(findRequest(showing(loose), id)).rejects.toMatchObject({
    code: 'PROOF_INTENT_INVALID',
  });
});
