import type { Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { TestLog } from '#test/services/tools/log.ts';
import { type House, openHouse } from '../house.ts';

const task: Task = { type: 'call', actuator: 'exec', arguments: { argv: ['make'] } };

test('who follows a waiting turn sees the request, its rules and the answer so far', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(task);

  const { data } = (await house.events(turn, 'approval.requested')).at(-1)!;

  const [request] = house.policy.requests.keys();
  expect(data).toMatchObject({
    request,
    rules: ['test:ask'],
    title: 'exec make',
    actuator: 'exec',
  });
  expect(data['answer']).toMatchObject({
    acts: [{ label: 'waits', request, rules: ['test:ask'] }],
  });
});

test('an approved call goes on by itself', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(task);
  await house.events(turn, 'approval.requested');

  house.policy.answer('approved');
  const { acts } = await house.answerOf(turn);

  expect(acts[0]?.label).toBe('done');
});

test.each([
  ['denied', 'approval:denied'],
  ['expired', 'approval:expired'],
] as const)('a request that was %s ends in a refusal', async (state, rule) => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(task);
  await house.events(turn, 'approval.requested');

  house.policy.answer(state);
  const { acts } = await house.answerOf(turn);

  expect(acts[0]).toMatchObject({ label: 'refused', rules: [rule] });
  expect(house.tools.effects).toEqual([]);
});

test('a denied call is refused with its rules, and the receipt of the denial', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'deny';

  const { acts, receipts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'refused', rules: ['test:deny'], receipt: 1 });
  expect(receipts[0]?.entry).toContain('"verdict":"deny"');
});

test.each(['POLICY_SIGNATURE_INVALID', 'TOOLS_FLOOR_UNMET'])(
  'a no of a check (%s) is a refusal',
  async (code) => {
    await using house = await openHouse();
    refuseWith(house, code);

    const { acts } = await house.answer(task);

    expect(acts[0]).toMatchObject({ label: 'refused', rules: [code] });
  },
);

test.each(['TOOLS_SANDBOX_MISSING', 'TOOLS_DISK_FULL'])(
  'what cannot run (%s) has failed, and was not refused',
  async (code) => {
    await using house = await openHouse();
    refuseWith(house, code);

    const { acts } = await house.answer(task);

    expect(acts[0]).toMatchObject({ label: 'failed', rules: [code] });
  },
);

test('a call that cannot be prepared has failed, and nobody decides on it', async () => {
  await using house = await openHouse();
  house.tools.prepareFailures.push('TOOLS_ARGUMENTS_INVALID');

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'failed', rules: ['TOOLS_ARGUMENTS_INVALID'] });
  expect(house.policy.decided).toEqual([]);
});

test('an allowance from another log is not acted on', async () => {
  await using house = await openHouse();
  house.policy.foreign = new TestLog();

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'failed', rules: [expect.stringMatching(/^PROOF_/)] });
  expect(house.tools.effects).toEqual([]);
});

test('a call that is decided on and never starts ends after some decisions', async () => {
  await using house = await openHouse();
  house.tools.refusals.push(...Array.from({ length: 9 }, () => 'TOOLS_EXPIRED'));

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'failed', rules: ['AGENT_UNDECIDED'] });
  expect(house.policy.decided).toHaveLength(4);
});

function refuseWith(house: House, code: string): void {
  const failures = code.startsWith('POLICY_') ? house.policy.failures : house.tools.refusals;
  failures.push(code);
}
