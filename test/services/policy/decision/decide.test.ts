import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Decision, type Intent, policy } from '@physiclaw/contracts';
import { BlobStore, bootSeconds } from '@physiclaw/platform';
import {
  canonicalize,
  checkCapability,
  decodeBase64,
  hashIntent,
  invokeCapability,
  openReceipt,
  signIntent,
} from '@physiclaw/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { calls, intentOf, newName } from '../intents.ts';
import { Machine, newSigner, type Opened, startMachine } from '../machine.ts';
import { refused } from '../refused.ts';

let machine: Machine;
let session: Opened;
beforeAll(async () => {
  machine = await startMachine();
});
beforeEach(async () => {
  session = await machine.open();
});
afterAll(() => machine[Symbol.asyncDispose]());

const call = (actuator: string, more: Partial<Intent> = {}) =>
  intentOf({ session: session.session, ...calls[actuator], actuator, ...more });

/** What the log holds of a decision, by its own receipt. */
function eventOf({ receipt }: Decision) {
  const vkey = readFileSync(join(machine.home, 'anchors/log.vkey'), 'utf8');
  const { event } = openReceipt(receipt, vkey).entry.unmapped;
  if (event.kind !== 'decision') throw new Error(`expected a decision, got ${event.kind}`);
  return event;
}

async function allowed(intent: Intent): Promise<Extract<Decision, { verdict: 'allow' }>> {
  const decision = await machine.decide(session, intent);
  if (decision.verdict !== 'allow') throw new Error(`expected allow, got ${decision.verdict}`);
  return decision;
}

const explain = (intent: Intent) =>
  machine.agent.ask(policy.calls.explain, { intent: canonicalize(intent) });

describe('an allowed call', () => {
  test('comes with a capability for this session, these bytes and this run of the gate', async () => {
    const intent = call('read_file');
    const { capability, ...decision } = await allowed(intent);
    const event = eventOf({ capability, ...decision });
    const purpose = {
      sessionId: session.session,
      intent: hashIntent(canonicalize(intent)),
      epoch: event.epoch!,
    };
    const authority = machine.authority.did;
    const invocation = invokeCapability({
      ...purpose,
      session: session.signer,
      authority,
      delegation: event.capability!,
    });

    checkCapability({
      ...purpose,
      delegation: decodeBase64(capability),
      invocation,
      authority,
      audience: session.signer.did,
      capability: event.capability!,
    });
    expect(event).toMatchObject({
      verdict: 'allow',
      rules: ['balanced:read'],
      intent: purpose.intent,
      profile: 'sandbox',
      driver: 'bubblewrap',
      isolation: 'none',
      mode: 'solo',
      selfApproved: false,
      statements: [],
    });
  });

  test('has at most its seconds on the boot clock', async () => {
    const { expires } = eventOf(await allowed(call('read_file')));

    expect(expires!.seconds - bootSeconds()).toBeGreaterThan(295);
    expect(expires!.seconds - bootSeconds()).toBeLessThanOrEqual(300);
  });

  test('can be decided on again, with another capability', async () => {
    const intent = call('read_file');

    expect((await allowed(intent)).capability).not.toBe((await allowed(intent)).capability);
  });
});

describe('a denied call', () => {
  const forbidden = { arguments: { argv: ['cat', '/etc/shadow'] } };

  test('is in the log, and its bytes are kept', async () => {
    const intent = call('exec', forbidden);
    const decision = await machine.decide(session, intent);
    const blobs = new BlobStore(join(machine.config.state, 'intents'));

    expect(decision).toMatchObject({ verdict: 'deny', rules: ['hard:key-material'] });
    expect(eventOf(decision)).toMatchObject({ verdict: 'deny', rules: ['hard:key-material'] });
    expect(String(await blobs.get(eventOf(decision).intent))).toBe(canonicalize(intent));
  });

  test('is denied again by the same entry, when it is asked again in its turn', async () => {
    const intent = call('exec', forbidden);
    const first = await machine.decide(session, intent);
    const second = await machine.decide(session, intent);

    expect(second).toMatchObject({ verdict: 'deny', rules: ['hard:key-material'] });
    expect(second.receipt.index).toBe(first.receipt.index);
  });
});

describe('a call that waits', () => {
  test('has one request, however often it is asked', async () => {
    const intent = call('exec');
    const [first, second] = [
      await machine.decide(session, intent),
      await machine.decide(session, intent),
    ];

    expect(first).toMatchObject({ verdict: 'ask', request: eventOf(first).request });
    expect(second).toMatchObject({
      verdict: 'ask',
      request: eventOf(first).request,
      receipt: { index: first.receipt.index },
    });
  });

  test('is allowed once it was approved, and the entry holds what the gate needs', async () => {
    const intent = call('exec');
    const asked = await machine.decide(session, intent);
    const { request } = eventOf(asked);
    await machine.answer(asked);
    const event = eventOf(await machine.decide(session, intent, request));
    const enrolment = (await machine.events()).findIndex(({ kind }) => kind === 'enrolment');

    expect(event).toMatchObject({
      verdict: 'allow',
      request,
      rules: ['balanced:approved'],
      statements: [{ statement: { request, verdict: 'approve', key: machine.device.did } }],
      enrolments: [enrolment],
      selfApproved: true,
    });
  });

  test('goes on waiting where the approval came and was not named', async () => {
    const intent = call('exec');
    const asked = await machine.decide(session, intent);
    await machine.answer(asked);

    expect((await machine.decide(session, intent)).verdict).toBe('ask');
  });
});

describe('is refused without an entry', () => {
  test('what is not the canonical JSON of an intent', async () => {
    const intent = `${canonicalize(call('read_file'))} `;
    const question = { intent, signature: signIntent(intent, session.signer) };

    await expect(machine.agent.ask(policy.calls.decide, question)).rejects.toMatchObject({
      code: 'POLICY_INTENT_MALFORMED',
    });
  });

  test('what another key signed', async () => {
    const forged = { ...session, signer: newSigner() };

    await expect(machine.decide(forged, call('read_file'))).rejects.toMatchObject(
      refused('POLICY_SIGNATURE_INVALID'),
    );
  });

  test('what names a session that was not opened', async () => {
    const unknown = { ...session, session: newName('s') };

    await expect(machine.decide(unknown, calls['read_file']!)).rejects.toMatchObject({
      code: 'POLICY_SESSION_UNKNOWN',
    });
  });

  test('everything, while no gate is connected', async () => {
    await using alone = new Machine();
    await alone.startAudit();
    await alone.startPolicy();
    await alone.claim();
    const opened = await alone.open();
    const leave = await alone.gate();
    await alone.decide(opened, calls['read_file']!);
    await leave();
    const waiting = () => alone.decide(opened, { ...calls['exec'], actuator: 'exec' });
    await expect.poll(() => waiting().catch(codeOf)).toBe('POLICY_GATE_ABSENT');

    await expect
      .poll(() => alone.decide(opened, calls['read_file']!).catch((error: unknown) => error))
      .toMatchObject(refused('POLICY_GATE_ABSENT'));
  });

  test('everything, while the log is down', async () => {
    await using mute = await startMachine();
    const opened = await mute.open();
    await mute.stop('audit');

    await expect(mute.decide(opened, calls['read_file']!)).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    });
  });
});

describe('explain', () => {
  test('says by which checks a call would be decided, and leaves no trace', async () => {
    const before = (await machine.events()).length;

    expect(await explain(call('exec'))).toMatchObject({
      verdict: 'ask',
      preset: 'balanced',
      steps: [
        { check: 'lease' },
        { check: 'budgets' },
        { check: 'hard-rules' },
        { check: 'cedar', rules: ['balanced:floor'] },
        { check: 'cedar-with-approval', rules: ['balanced:approved'] },
      ],
    });
    expect((await machine.events()).length).toBe(before);
  });

  test('knows no session that was not opened', async () => {
    await expect(explain(intentOf())).rejects.toMatchObject({ code: 'POLICY_SESSION_UNKNOWN' });
  });
});

test('while the kill file lies there, every call is denied', async () => {
  await using killed = await startMachine();
  const opened = await killed.open();
  writeFileSync(killed.killFile, 'Ada');

  expect(await killed.decide(opened, calls['read_file']!)).toMatchObject({
    verdict: 'deny',
    rules: ['hard:killed'],
  });
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}
