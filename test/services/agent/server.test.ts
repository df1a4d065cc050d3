import { join } from 'node:path';
import { agent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { openHouse } from './house.ts';

test('what can be asked here is told, with its examples and slots', async () => {
  await using house = await openHouse();

  const { planner, runbooks } = await house.gateway.ask(agent.calls.abilities, {});

  expect(planner).toBe('runbook');
  expect(runbooks.find(({ id }) => id === 'sre/logs')).toMatchObject({
    asks: expect.arrayContaining(['What is new in the logs?']),
    slots: ['recent', 'earlier'],
    changes: false,
  });
});

test('once a model was added it plans, and no longer when it is gone', async () => {
  await using house = await openHouse();
  const plannerNow = async () => (await house.gateway.ask(agent.calls.abilities, {})).planner;
  house.inference.add();
  const withModel = await plannerNow();
  house.inference.backends.pop();

  expect([withModel, await plannerNow()]).toEqual(['free', 'runbook']);
});

test.each([
  ['AGENT_RUNBOOK_UNKNOWN', 'sre/none', {}],
  ['AGENT_SLOT_INVALID', 'sre/disk', { color: 'red' }],
])('what is wrong with a task (%s) is told to who asks', async (code, runbook, slots) => {
  await using house = await openHouse();

  const asked = house.ask({ type: 'runbook', runbook, slots });

  await expect(asked).rejects.toMatchObject({ code });
});

test('how policy would decide can be asked without a turn', async () => {
  await using house = await openHouse();
  const question = { session: house.session, actuator: 'exec', arguments: { argv: ['ls'] } };

  const { verdict } = await house.gateway.ask(agent.calls.explain, question);

  expect(verdict).toBe('allow');
  expect(house.policy.decided).toEqual([]);
});

test('an agent with a skill that cannot be read does not start', async () => {
  const open = openHouse((house) => {
    house.skills = [join(house.home, 'no-such-folder')];
  });

  await expect(open).rejects.toMatchObject({ code: 'AGENT_SKILL_INVALID' });
});

test('a turn that is ended stays so, and does nothing more', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask({ type: 'call', actuator: 'exec', arguments: { argv: ['make'] } });
  await expect.poll(() => house.policy.requests.size).toBe(1);
  const { session } = house;
  const abort = () => house.gateway.ask(agent.calls.abort, { session, turn });

  expect(await abort()).toEqual({ aborted: true });
  await expect(house.answerOf(turn)).rejects.toThrow('AGENT_TURN_ABORTED');
  const { events } = await house.gateway.ask(agent.calls.history, { session, count: 1 });
  expect(events).toMatchObject([{ name: 'turn.failed', data: { code: 'AGENT_TURN_ABORTED' } }]);
  house.policy.answer('approved');
  expect(await abort()).toEqual({ aborted: false });
  expect(house.tools.effects).toEqual([]);
});

test('nobody ends the turn of another session', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask({ type: 'call', actuator: 'exec', arguments: { argv: ['make'] } });
  const session = `s-${'0'.repeat(32)}`;

  await expect(house.gateway.ask(agent.calls.abort, { session, turn })).rejects.toMatchObject({
    code: 'AGENT_TURN_UNKNOWN',
  });
});
