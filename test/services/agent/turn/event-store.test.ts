import { agent, type Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { openHouse } from '../house.ts';

const { history } = agent.calls;
const call = (word: string): Task => ({
  type: 'call',
  actuator: 'exec',
  arguments: { argv: [word] },
});

test('what was said in a session is told in order, the newest where it is too much', async () => {
  await using house = await openHouse();
  for (const word of ['one', 'two']) await house.answerOf(await house.ask(call(word)));
  const { session } = house;
  const told = async (count: number) => {
    const { events } = await house.gateway.ask(history, { session, count });
    return events.map(({ name, data }) => [name, 'salt' in data]);
  };

  const both = [
    ['user.message', false],
    ['assistant.message', false],
  ];
  expect(await told(10)).toEqual([...both, ...both]);
  expect(await told(1)).toEqual(both.slice(1));
});

test('another session has another history', async () => {
  await using house = await openHouse();
  await house.answerOf(await house.ask(call('one')));
  await house.open();

  const { session } = house;
  expect(await house.gateway.ask(history, { session, count: 10 })).toEqual({ events: [] });
});
