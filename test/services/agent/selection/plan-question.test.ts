import { expect, test } from 'vitest';
import { type House, openHouse } from '../house.ts';
import { machineReplies } from '../replies.ts';

const ask = (house: House, text: string) => house.answer({ type: 'question', text });
const quietHouse = () =>
  openHouse((house) => {
    house.tools.reply = machineReplies();
  });

test('a question runs the runbook that is meant, and shows which words matched', async () => {
  await using house = await quietHouse();

  const { clauses, findings, planner } = await ask(house, 'which folders take the most room?');

  expect(planner).toBe('runbook');
  expect(clauses).toEqual([
    {
      text: 'which folders take the most room',
      outcome: 'answered',
      runbook: 'sre/disk',
      words: ['folders', 'room'],
      score: expect.closeTo(1, 1),
      nearest: [],
    },
  ]);
  expect(findings.map(({ rule }) => rule)).toContain('disk.largest');
});

test('two clauses run two runbooks, one turn', async () => {
  await using house = await quietHouse();

  const { clauses, acts } = await ask(house, 'is a disk filling up and what is new in the logs?');

  expect(clauses.map(({ runbook }) => runbook)).toEqual(['sre/disk', 'sre/logs']);
  expect(acts.map(({ actuator }) => actuator)).toEqual(['disk_usage', 'log_shapes']);
});

test('a value in the question fills the slot', async () => {
  await using house = await quietHouse();

  await ask(house, 'which folders below /srv take the most room?');

  expect(house.tools.effects[0]?.arguments).toMatchObject({ paths: ['/srv'] });
});

test('what is ambiguous is asked for, and nothing runs', async () => {
  await using house = await quietHouse();

  const { clauses } = await ask(house, 'which folders take the most room, /srv or /opt?');

  expect(clauses.at(-1)).toMatchObject({ outcome: 'offered', open: ['path'] });
  expect(house.tools.effects).toEqual([]);
});

test('a runbook is run once in a turn: another value for its slot is another question', async () => {
  await using house = await quietHouse();

  const { clauses, acts } = await ask(
    house,
    'largest folders below /srv? largest folders in /opt?',
  );

  expect(clauses.map(({ outcome }) => outcome)).toEqual(['answered', 'offered']);
  expect(clauses[1]?.open).toEqual(['path']);
  expect(acts).toHaveLength(1);
});

test('what is not near enough is offered, three at most, and nothing runs', async () => {
  await using house = await quietHouse();

  const { clauses, acts } = await ask(house, 'give me an overview of the state of this server');

  expect(clauses[0]?.outcome).toBe('offered');
  expect(clauses[0]?.nearest.length).toBeLessThanOrEqual(3);
  expect(acts).toEqual([]);
});

test('who asks for a change that nothing declares gets a refusal that the log knows', async () => {
  await using house = await quietHouse();

  const { clauses, receipts } = await ask(house, 'delete all logs');

  expect(clauses[0]).toMatchObject({
    outcome: 'refused',
    rule: 'runbook:declares-no-such-change',
    receipt: 1,
  });
  expect(receipts[0]?.entry).toContain('"verb":"refused"');
  expect(house.tools.effects).toEqual([]);
});

test('a refusal beside a question keeps the question from nothing', async () => {
  await using house = await quietHouse();

  const { clauses } = await ask(house, 'is a disk filling up? then delete the logs');

  expect(clauses.map(({ outcome }) => outcome)).toEqual(['answered', 'refused']);
});

test('what no runbook has to do with needs a model, and the message says how to add one', async () => {
  await using house = await quietHouse();
  const turn = await house.ask({ type: 'question', text: 'recite a poem about penguins' });

  const { name, data } = (await house.events(turn)).at(-1)!;

  expect(name).toBe('turn.failed');
  expect(data).toMatchObject({
    code: 'MODEL_REQUIRED',
    message: expect.stringContaining('physiclaw model use URL'),
  });
});
