import type { Receipt, Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { TestLog } from '#test/services/tools/log.ts';
import { openHouse } from '../house.ts';

const task: Task = { type: 'call', actuator: 'exec', arguments: { argv: ['make'] } };

test.each(['TOOLS_EPOCH_PAST', 'TOOLS_EXPIRED'])(
  'a capability that is past (%s) is decided on again',
  async (code) => {
    await using house = await openHouse();
    house.tools.refusals.push(code);

    const { acts } = await house.answer(task);

    expect(acts[0]?.label).toBe('done');
    expect(house.policy.decided).toEqual(['allow', 'allow']);
    expect(house.tools.effects).toHaveLength(1);
  },
);

test.each(['TOOLS_TREE_STALE', 'TOOLS_PROFILE_MISMATCH'])(
  'a call whose intent is stale (%s) is prepared again',
  async (code) => {
    await using house = await openHouse();
    house.tools.refusals.push(code);

    const { acts } = await house.answer(task);

    expect(acts[0]?.label).toBe('done');
    expect(house.policy.decided).toEqual(['allow', 'allow']);
  },
);

test('what a person approved is not replaced when it is stale', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  house.tools.refusals.push('TOOLS_TREE_STALE');
  const turn = await house.ask(task);
  await house.events(turn, 'approval.requested');
  house.policy.answer('approved');

  const { acts } = await house.answerOf(turn);

  expect(acts[0]).toMatchObject({ label: 'failed', rules: ['TOOLS_TREE_STALE'] });
  expect(house.tools.effects).toEqual([]);
});

test('a lease that is away for a moment costs a moment', async () => {
  await using house = await openHouse();
  house.tools.refusals.push('TOOLS_LEASE_ENDED');

  const { acts } = await house.answer(task);

  expect(acts[0]?.label).toBe('done');
  expect(house.policy.decided).toEqual(['allow']);
});

test('a gate that went away in the act is asked what became of it, and not told to act again', async () => {
  await using house = await openHouse();
  house.tools.hold = new Promise(() => undefined);
  const turn = await house.ask(task);
  await expect.poll(() => house.tools.effects.length).toBe(1);
  house.tools.crash();
  await house.stop('tools');

  await house.start('tools');
  const { acts } = await house.answerOf(turn);

  expect(acts[0]?.label).toBe('unknown');
  expect(house.tools.effects).toHaveLength(1);
});

test('an act that still runs after the agent came back is waited for', async () => {
  await using house = await openHouse();
  const held = Promise.withResolvers<void>();
  house.tools.hold = held.promise;
  const turn = await house.ask(task);
  await expect.poll(() => house.tools.effects.length).toBe(1);
  await house.stopAgent();
  await house.startAgent();
  await expect.poll(() => house.tools.outcomesAsked).toBeGreaterThan(1);

  held.resolve();
  const { acts } = await house.answerOf(turn);

  expect(acts[0]?.label).toBe('done');
  expect(house.tools.effects).toHaveLength(1);
});

test('a spent capability of which no run is known is a refusal', async () => {
  await using house = await openHouse();
  house.tools.refusals.push('TOOLS_CAPABILITY_SPENT');

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'refused', rules: ['TOOLS_CAPABILITY_SPENT'] });
});

test('an outcome that another log proves is unknown', async () => {
  await using house = await openHouse();
  const other = new TestLog();
  house.tools.lie = ({ entry }) =>
    other.append('tools', JSON.parse(entry).unmapped.event) satisfies Receipt;

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'unknown', rules: [expect.stringMatching(/^PROOF_/)] });
});

test('the receipt of something else is no outcome', async () => {
  await using house = await openHouse();
  house.tools.lie = () => house.log.receipt(0);

  const { acts } = await house.answer(task);

  expect(acts[0]).toMatchObject({ label: 'unknown', rules: ['AGENT_RECEIPT_FOREIGN'] });
});

test.each([
  ['failed', 'failed'],
  ['limit', 'failed'],
  ['killed', 'failed'],
  ['unknown', 'unknown'],
] as const)('a run that ended as %s is shown as %s', async (status, label) => {
  await using house = await openHouse();
  house.tools.status = status;

  const { acts } = await house.answer(task);

  expect(acts[0]?.label).toBe(label);
});
