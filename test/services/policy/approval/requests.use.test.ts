import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ApprovalRequest,
  audit,
  type Decision,
  type Intent,
  policy,
} from '@physiclaw/contracts';
import { openReceipt } from '@physiclaw/proof';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { calls, intentOf, newName } from '../intents.ts';
import { type Machine, newSigner, type Opened, startMachine } from '../machine.ts';
import { join as enrol } from '../people/newcomer.ts';

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

const approved = async (intent: Intent) => {
  const asked = await machine.decide(session, intent);
  await machine.answer(asked);
  return eventOf(asked).request!;
};

/** An approval for which a capability was made. */
async function spend() {
  const intent = call('exec');
  const asked = await machine.decide(session, intent);
  await machine.answer(asked);
  const { request } = eventOf(asked);
  const { capability = '' } = eventOf(await machine.decide(session, intent, request));
  return { intent, request, capability };
}

async function begin(capability: string): Promise<void> {
  const [about, driver] = [{ session: session.session, capability, decision: 1 }, 'bubblewrap'];
  const event = { kind: 'started', intent: '0'.repeat(64), ...about, driver } as const;
  await machine.as('tools', audit).ask(audit.calls.append, { event });
}

describe('an approval', () => {
  test('is good for its own bytes only', async () => {
    const request = await approved(call('exec'));
    const other = call('exec', { arguments: { argv: ['rm', '-rf', '.'] } });

    expect(await machine.decide(session, other, request)).toMatchObject({
      verdict: 'deny',
      rules: ['approval:other-intent'],
    });
  });

  test('is good in its own session only', async () => {
    const intent = call('exec');
    const request = await approved(intent);
    const other = await machine.open();

    expect(
      await machine.decide(other, { ...intent, session: other.session }, request),
    ).toMatchObject({ verdict: 'deny', rules: ['approval:other-intent'] });
  });

  test('that was refused is a denial, also when nobody names the request', async () => {
    const [named, unnamed] = [call('exec'), call('exec')];
    const asked = await machine.decide(session, named);
    await machine.answer(asked, { verdict: 'deny' });
    await machine.answer(await machine.decide(session, unnamed), { verdict: 'deny' });
    const denied = { verdict: 'deny', rules: ['approval:denied'] };

    expect(await machine.decide(session, named, eventOf(asked).request)).toMatchObject(denied);
    expect(await machine.decide(session, unnamed)).toMatchObject(denied);
  });

  test('does not lift a budget, a hard rule or a forbid', async () => {
    const intent = call('exec', { arguments: { argv: ['cat', '/root/.ssh/id_ed25519'] } });

    expect(await machine.decide(session, intent, await approved(call('exec')))).toMatchObject({
      verdict: 'deny',
      rules: ['hard:key-material'],
    });
  });

  test('of a request that nobody made is unknown', async () => {
    await expect(machine.decide(session, call('exec'), newName('r'))).rejects.toMatchObject({
      code: 'POLICY_REQUEST_UNKNOWN',
    });
  });
});

describe('an approval for which a capability was made', () => {
  const used = { verdict: 'deny', rules: ['approval:used'] };

  test('stands until an act began: the capability may have got lost', async () => {
    const { intent, request, capability } = await spend();
    const again = eventOf(await machine.decide(session, intent, request));

    expect(again).toMatchObject({ verdict: 'allow', request, selfApproved: true });
    expect(again.capability).not.toBe(capability);
  });

  test('is used once an act began with it', async () => {
    const { intent, request, capability } = await spend();
    await begin(capability);

    expect(await machine.decide(session, intent, request)).toMatchObject(used);
  });

  test('is used once an act began with any of its capabilities, over a restart too', async () => {
    const { intent, request, capability } = await spend();
    await machine.decide(session, intent, request);
    await begin(capability);
    await machine.restart();
    await machine.gate();

    expect(await machine.decide(session, intent, request)).toMatchObject(used);
  });
});

test('an approval under another policy counts for nothing', async () => {
  await using changed = await startMachine();
  const opened = await changed.open();
  const intent = intentOf({ session: opened.session, ...calls['exec'], actuator: 'exec' });
  const asked = await changed.decide(opened, intent);
  await changed.answer(asked);
  const { request } = await changed.requestOf(asked);
  await changed.restart({ rules: '@id("new") permit (principal, action, resource);' });
  await changed.gate();

  expect(await changed.decide(opened, intent, request)).toMatchObject({
    verdict: 'deny',
    rules: ['approval:other-policy'],
  });
});

describe('an approval that a person gave himself while he was alone', () => {
  const own = { verdict: 'deny', rules: ['approval:self'] };
  const bob = newSigner();
  let house: Machine;
  let opened: Opened;
  beforeEach(async () => {
    house = await startMachine();
    opened = await house.open();
  });
  afterEach(() => house[Symbol.asyncDispose]());

  const asking = () => intentOf({ session: opened.session, ...calls['exec'], actuator: 'exec' });
  const approvedOwn = async (intent: Intent) => {
    const asked = await house.decide(opened, intent);
    await house.answer(asked);
    return asked;
  };

  test('ends when a second person is enrolled, as the gate takes it no longer', async () => {
    const intent = asking();
    const asked = await approvedOwn(intent);
    const { request } = await house.requestOf(asked);
    const states = house.agent.follow(policy.calls.followApproval, { request });
    expect((await states.next()).value).toEqual({ state: 'approved' });
    await enrol(house, bob, [house.device]);

    expect((await states.next()).value).toEqual({ state: 'expired' });
    expect((await states.next()).done).toBe(true);
    expect((await house.requestOf(asked)).state).toBe('expired');
    expect(await house.decide(opened, intent, request)).toMatchObject(own);
  });

  test('ends also for a capability that got lost, and unnamed', async () => {
    const [unnamed, lost] = [asking(), asking()];
    await approvedOwn(unnamed);
    const { request } = await house.requestOf(await approvedOwn(lost));
    expect((await house.decide(opened, lost, request)).verdict).toBe('allow');
    await enrol(house, bob, [house.device]);

    expect(await house.decide(opened, lost, request)).toMatchObject(own);
    expect(await house.decide(opened, unnamed)).toMatchObject(own);
  });

  test('leaves no way but to ask anew, which the second person may approve', async () => {
    const asked = await approvedOwn(asking());
    await enrol(house, bob, [house.device]);
    const answerAs = (shown: ApprovalRequest) =>
      house.gateway.ask(policy.calls.answer, house.statementOn(shown, {}, bob));

    await expect(answerAs(await house.requestOf(asked))).rejects.toMatchObject({
      code: 'POLICY_REQUEST_CLOSED',
    });
    const anew = asking();
    const shown = await house.requestOf(await house.decide(opened, anew));
    expect(await answerAs(shown)).toMatchObject({ state: 'approved' });
    expect((await house.decide(opened, anew, shown.request)).verdict).toBe('allow');
  });

  test('is denied still if it was a no, and stands if another person gave it', async () => {
    const [refused, granted] = [await house.decide(opened, asking()), asking()];
    await house.answer(refused, { verdict: 'deny' });
    await enrol(house, bob, [house.device]);
    const shown = await house.requestOf(await house.decide(opened, granted));
    await house.gateway.ask(policy.calls.answer, house.statementOn(shown, {}, bob));

    expect((await house.requestOf(refused)).state).toBe('denied');
    expect((await house.decide(opened, granted, shown.request)).verdict).toBe('allow');
  });
});
