import type { Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { openHouse } from '../house.ts';

const argv = ['ls', '-l'];
const task: Task = { type: 'call', actuator: 'exec', arguments: { argv } };

test('a call goes the whole way and is told by the receipt of its outcome', async () => {
  await using house = await openHouse();

  const answer = await house.answer(task);

  expect(answer.planner).toBe('call');
  expect(answer.acts).toEqual([
    { label: 'done', actuator: 'exec', title: 'exec ls -l', rules: [], receipt: 1 },
  ]);
  expect(answer.receipts[0]?.entry).toContain('"kind":"outcome"');
  expect(house.tools.effects).toHaveLength(1);
});

test('what runs is what was asked for, in this session and turn', async () => {
  await using house = await openHouse();

  const turn = await house.ask(task);
  await house.answerOf(turn);

  expect(house.tools.effects[0]).toMatchObject({
    arguments: { argv },
    session: house.session,
    turn,
  });
});
