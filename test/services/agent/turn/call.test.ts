import { expect, test } from 'vitest';
import { openHouse } from '../house.ts';

test('a call goes the whole way and is told by the receipt of its outcome', async () => {
  await using house = await openHouse();

  const answer = await house.answer({
    type: 'call',
    actuator: 'exec',
    arguments: { argv: ['ls'] },
  });

  expect(answer.acts).toEqual([
    { label: 'done', actuator: 'exec', title: 'exec ls', rules: [], receipt: 1 },
  ]);
  expect(answer.receipts[0]?.entry).toContain('"kind":"outcome"');
  expect(house.tools.effects).toHaveLength(1);
});
