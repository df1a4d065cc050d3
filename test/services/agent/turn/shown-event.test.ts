import type { Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { openHouse } from '../house.ts';

const task: Task = { type: 'call', actuator: 'exec', arguments: { argv: ['make'] } };

test('who follows a turn gets nothing that a capability could be presented with', async () => {
  await using house = await openHouse();

  const events = await house.events(await house.ask(task));

  const names = events.flatMap(({ data }) => Object.keys(data));
  expect(names).not.toEqual(expect.arrayContaining(['invocation']));
  expect(names).not.toEqual(expect.arrayContaining(['delegation']));
  expect(names).not.toEqual(expect.arrayContaining(['decision']));
});

test('who follows a turn sees what runs', async () => {
  await using house = await openHouse();

  const events = await house.events(await house.ask(task));

  const started = events.find(({ name }) => name === 'tool.started');
  expect(started?.data).toMatchObject({ actuator: 'exec', title: 'exec make' });
});
