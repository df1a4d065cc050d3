import { type Decision, policy, SpiffeId, type SignedApproval } from '@physiclaw/contracts';
import { readIntent, signStatement } from '@physiclaw/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { answer } from '#services/policy/approval/answer.ts';
import { Events } from '#services/policy/state/events.ts';
import { decisionOf } from '../entries.ts';
import { calls, newName } from '../intents.ts';
import { type Machine, newSigner, type Opened, startMachine } from '../machine.ts';
import { join } from '../people/newcomer.ts';
import { refused } from '../refused.ts';

let machine: Machine;
let session: Opened;
let asked: Decision;
beforeAll(async () => {
  machine = await startMachine();
  session = await machine.open();
});
beforeEach(async () => {
  asked = await machine.decide(session, { ...calls['exec'], actuator: 'exec' });
});
afterAll(() => machine[Symbol.asyncDispose]());

type Statement = SignedApproval['statement'];
const give = (signed: SignedApproval) => machine.gateway.ask(policy.calls.answer, signed);
const signed = async (more?: Partial<Statement>, signer = machine.device) =>
  machine.statementOn(await machine.requestOf(asked), more, signer);

describe('an approval that was signed', () => {
  test('is in the log, and the request is approved', async () => {
    const statement = await signed();

    const { state, receipt } = await give(statement);

    expect(state).toBe('approved');
    expect((await machine.events()).at(-1)).toMatchObject({ kind: 'approval', signed: statement });
    expect(JSON.parse(receipt.entry).unmapped.once).toEqual([
      `approval:${statement.statement.request}`,
    ]);
  });

  // Whoever carries it may want it to say something else.
  test.each<[string, Partial<Statement>]>([
    ['verdict', { verdict: 'deny' }],
    ['expiry', { notAfter: '2099-01-01T00:00:00.000Z' }],
    ['policy', { policy: 'f'.repeat(64) }],
    ['intent', { intent: 'f'.repeat(64) }],
    ['log', { log: { origin: 'test.internal', size: 100_000 } }],
  ])('and was given another %s is refused', async (_what, relabelled) => {
    const { statement, signature } = await signed();

    await expect(
      give({ statement: { ...statement, ...relabelled }, signature }),
    ).rejects.toMatchObject(refused('POLICY_SIGNATURE_INVALID'));
  });

  test('and was given another scope breaks the contract', async () => {
    const { statement, signature } = await signed();
    const relabelled = { statement: { ...statement, scope: 'session' }, signature };
    const anything = { ...policy.calls.answer, request: z.looseObject({}) };

    await expect(machine.gateway.ask(anything, relabelled)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  test('and was put under another request is refused', async () => {
    const { statement, signature } = await signed();
    const other = await machine.decide(session, { ...calls['exec'], actuator: 'exec' });
    const { request } = await machine.requestOf(other);

    await expect(give({ statement: { ...statement, request }, signature })).rejects.toMatchObject(
      refused('POLICY_SIGNATURE_INVALID'),
    );
  });
});

describe('an approval that says', () => {
  test.each<[string, Partial<Statement>]>([
    ['intent', { intent: 'f'.repeat(64) }],
    ['policy', { policy: 'f'.repeat(64) }],
    ['notAfter', { notAfter: '2099-01-01T00:00:00.000Z' }],
    ['log', { log: { origin: 'other.internal', size: 100_000 } }],
    ['log', { log: { origin: 'test.internal', size: 0 } }],
  ])('another %s than was asked is refused, although it is signed', async (what, other) => {
    await expect(give(await signed(other))).rejects.toMatchObject({
      code: 'POLICY_STATEMENT_MISMATCH',
      message: expect.stringContaining(`found another ${what}:`),
    });
  });

  test('yes to a request that nobody made is refused', async () => {
    await expect(give(await signed({ request: newName('r') }))).rejects.toMatchObject({
      code: 'POLICY_REQUEST_UNKNOWN',
    });
  });
});

test('a key that is not enrolled approves nothing', async () => {
  await expect(give(await signed({}, newSigner()))).rejects.toMatchObject(
    refused('POLICY_KEY_UNKNOWN'),
  );
});

test.each([
  ['approve', 'approved'],
  ['deny', 'denied'],
] as const)('the first answer stands: %s', async (verdict, state) => {
  await give(await signed({ verdict }));

  await expect(give(await signed({ verdict: 'approve' }))).rejects.toMatchObject({
    ...refused('POLICY_REQUEST_CLOSED'),
    message: expect.stringContaining(` ${state}: ask in another turn`),
  });
});

test('of two answers at once one stands', async () => {
  const statement = await signed();
  const answers = await Promise.allSettled([give(statement), give(statement)]);
  const rejected = answers.filter(({ status }) => status === 'rejected');

  expect(rejected).toMatchObject([{ reason: { code: 'POLICY_REQUEST_CLOSED' } }]);
});

test('an answer that comes too late counts for nothing', async () => {
  await using hasty = await startMachine({ approvalMinutes: 0.001 });
  const late = await hasty.decide(await hasty.open(), { ...calls['exec'], actuator: 'exec' });
  const statement = hasty.statementOn(await hasty.requestOf(late));
  await new Promise((resolve) => setTimeout(resolve, 80));

  await expect(hasty.gateway.ask(policy.calls.answer, statement)).rejects.toMatchObject(
    refused('POLICY_STATEMENT_EXPIRED'),
  );
});

test('where two are enrolled, nobody approves what he asked for himself', async () => {
  using events = new Events(':memory:');
  const [ada, bob] = [newSigner(), newSigner()];
  const [began, request] = [newName('s'), newName('r')];
  const time = Date.now();
  const enrolments = Object.entries({ ada, bob }).map(([name, signer], index) => {
    const type = 'physiclaw/enrolment/v1' as const;
    const said = signStatement({ type, trustDomain: 'test.internal', key: signer.did }, signer);
    const event = { kind: 'enrolment', person: person(name), by: 'claim', signed: said } as const;
    return { index, time, event };
  });
  const opened = { session: began, principal: person('ada'), did: ada.did, tree: '0'.repeat(64) };
  const begun = { kind: 'session', mode: 'people', ...opened } as const;
  const waiting = decisionOf(3, { session: began, request, verdict: 'ask' });
  events.keep([...enrolments, { index: 2, time, event: begun }, waiting]);
  const parts = {
    events,
    config: { approvalMinutes: 1 },
    log: { origin: 'test.internal', append: unwanted },
  };
  const type = 'physiclaw/approval/v1' as const;
  const said = { type, verdict: 'approve', request, scope: 'once' } as const;
  const asker = { intent: waiting.event.intent, policy: waiting.event.policy };
  const notAfter = new Date(waiting.time + 60_000).toISOString();
  const log = { origin: 'test.internal', size: 4 };
  const own = signStatement({ ...said, ...asker, notAfter, log, key: ada.did }, ada);

  await expect(answer(own, parts)).rejects.toMatchObject({
    code: 'POLICY_KEY_UNKNOWN',
    message: expect.stringContaining('let somebody else approve'),
  });
});

test('where two are enrolled, the second approves, with whichever key is his', async () => {
  await using house = await startMachine();
  const opened = await house.open();
  const bob = new Passkey();
  await join(house, bob, [house.device]);
  const decision = await house.decide(opened, { ...calls['exec'], actuator: 'exec' });
  const shown = await house.requestOf(decision);
  const own = house.statementOn(shown);
  const { statement } = house.statementOn(shown, { key: house.device.did });
  const answerIt = (by: SignedApproval) => house.gateway.ask(policy.calls.answer, by);

  await expect(answerIt(own)).rejects.toMatchObject(refused('POLICY_KEY_UNKNOWN'));
  const byBob = bob.sign({ ...statement, key: bob.did });
  expect(shown.principal).toBe(house.person);
  expect((await answerIt(byBob)).state).toBe('approved');
  expect(await house.requestOf(decision)).toMatchObject({ answeredAt: expect.any(String) });
  const allowed = await house.decide(opened, readIntent(shown.intent), shown.request);
  expect(allowed.verdict).toBe('allow');
  expect((await house.events()).at(-1)).toMatchObject({
    statements: [byBob],
    mode: 'people',
    selfApproved: false,
  });
});

function person(name: string): SpiffeId {
  return SpiffeId.parse(`spiffe://test.internal/user/${name}`);
}

function unwanted(): never {
  throw new Error('nothing is to be appended');
}
