import { policy } from '@physiclaw/contracts';
import { canonicalize } from '@physiclaw/proof';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calls, intentOf, newName } from '../intents.ts';
import { type Machine, type Opened, startMachine } from '../machine.ts';

let machine: Machine;
let session: Opened;
beforeAll(async () => {
  machine = await startMachine();
  session = await machine.open();
});
afterAll(() => machine[Symbol.asyncDispose]());

const execOf = ({ session: name }: Opened) =>
  intentOf({ session: name, ...calls['exec'], actuator: 'exec' });

function statesOf(from: Machine, request: string): () => Promise<unknown> {
  const states = from.agent.follow(policy.calls.followApproval, { request });
  return async () => {
    const { done, value } = await states.next();
    return done === true ? 'the end' : value?.state;
  };
}

test('a request shows what will run, byte for byte, and why a person is asked', async () => {
  const intent = execOf(session);
  const asked = await machine.decide(session, intent);
  const shown = await machine.requestOf(asked);

  expect(shown).toMatchObject({
    intent: canonicalize(intent),
    rules: ['balanced:floor'],
    state: 'pending',
    decision: asked.receipt.index,
    log: { origin: 'test.internal', size: asked.receipt.index + 1 },
  });
  expect(Date.parse(shown.notAfter) - Date.parse(shown.requestedAt)).toBe(3_600_000);
});

test('requests are listed by their state, the newest first', async () => {
  const [first, second] = [
    await machine.decide(session, execOf(session)),
    await machine.decide(session, execOf(session)),
  ];
  await machine.answer(second, { verdict: 'deny' });
  const names = async (state?: 'pending' | 'denied') => {
    const { requests } = await machine.gateway.ask(policy.calls.requests, state ? { state } : {});
    return requests.slice(0, 2).map(({ decision }) => decision);
  };
  const [newer, older] = [second, first].map(({ receipt }) => receipt.index);

  expect(await names()).toEqual([newer, older]);
  expect((await names('pending'))[0]).toBe(older);
  expect(await names('denied')).toEqual([newer]);
  expect((await machine.gateway.ask(policy.calls.status, {})).pending).toBeGreaterThan(0);
});

test('whoever follows hears of the approval, and of its use as the last', async () => {
  const intent = execOf(session);
  const asked = await machine.decide(session, intent);
  const { request } = await machine.requestOf(asked);
  const next = statesOf(machine, request);
  expect(await next()).toBe('pending');

  await machine.answer(asked);
  expect(await next()).toBe('approved');
  await machine.decide(session, intent, request);

  expect([await next(), await next()]).toEqual(['used', 'the end']);
});

test('whoever follows hears that nobody answered in time', async () => {
  await using hasty = await startMachine({ approvalMinutes: 0.003 });
  const opened = await hasty.open();
  const asked = await hasty.decide(opened, execOf(opened));
  const { request } = await hasty.requestOf(asked);
  const next = statesOf(hasty, request);

  expect([await next(), await next(), await next()]).toEqual(['pending', 'expired', 'the end']);
});

test('an approval that nobody used in time is over', async () => {
  await using hasty = await startMachine({ approvalMinutes: 0.005 });
  const opened = await hasty.open();
  const intent = execOf(opened);
  const asked = await hasty.decide(opened, intent);
  const { request } = await hasty.requestOf(asked);
  expect(await hasty.answer(asked)).toBe('approved');
  await new Promise((resolve) => setTimeout(resolve, 320));

  expect(await hasty.decide(opened, intent, request)).toMatchObject({
    verdict: 'deny',
    rules: ['approval:expired'],
  });
});

test('a request that nobody made cannot be followed', async () => {
  const next = statesOf(machine, newName('r'));

  await expect(next()).rejects.toMatchObject({ code: 'POLICY_REQUEST_UNKNOWN' });
});
