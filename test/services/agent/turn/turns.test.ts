import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { agent, type Task } from '@physiclaw/contracts';
import type BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { AnswerBook } from '#services/agent/answer/answer-book.ts';
import { newName } from '../fake-policy.ts';
import { type House, openHouse } from '../house.ts';
import { openRoom } from '../room.ts';

const task: Task = { type: 'call', actuator: 'exec', arguments: { argv: ['make'] } };
const Sqlite: typeof BetterSqlite3 = createRequire(import.meta.url)('better-sqlite3');

const ALLOWED =
  'user.message tool.requested tool.decided tool.started tool.completed verification.passed'.split(
    ' ',
  );
const ASKED =
  'user.message tool.requested tool.decided approval.requested approval.granted tool.decided tool.started tool.completed verification.passed'.split(
    ' ',
  );

test.each(['', ...ALLOWED].map((last, at) => [at, last] as const))(
  'killed after event %i (%s), with the next step done and not told, the turn ends with one effect',
  async (at) => {
    await using house = await openHouse();
    using disk = brokenFrom(house, at);
    const turn = await house.ask(task);
    await heldUp(house);
    await house.stopAgent();
    disk.mend();

    await house.startAgent();
    const { acts } = await house.answerOf(turn);

    expect(acts.map(({ label }) => label)).toEqual(['done']);
    expect(house.tools.effects).toHaveLength(1);
  },
);

test.each(ASKED.map((last, at) => [at + 1, last] as const))(
  'killed after event %i (%s) of a call that a person approves, it has one effect',
  async (at) => {
    await using house = await openHouse();
    house.policy.judge = () => 'ask';
    using disk = brokenFrom(house, at);
    const turn = await house.ask(task);
    if (at >= 4) await approvedOnce(house);
    await heldUp(house);
    await house.stopAgent();
    disk.mend();

    await house.startAgent();
    if (at < 4) await approvedOnce(house);
    const { acts } = await house.answerOf(turn);

    expect(acts.map(({ label }) => label)).toEqual(['done']);
    expect(house.tools.effects).toHaveLength(1);
  },
);

const FREE =
  'user.message turn.planned context.packed model.requested model.answered tool.requested tool.decided tool.started tool.completed context.packed model.requested model.answered verification.passed'.split(
    ' ',
  );

test.each(FREE.map((last, at) => [at + 1, last] as const))(
  'killed after event %i (%s) of a turn that a model plans, it has one effect',
  async (at) => {
    await using house = await openHouse();
    house.inference.add();
    house.inference.choose = ({ length }) =>
      length < 3 ? { call: 'exec', arguments: { argv: ['make'] } } : { finish: 'It was made.' };
    using disk = brokenFrom(house, at);
    const turn = await house.ask({ type: 'question', text: 'make it' });
    await heldUp(house);
    await house.stopAgent();
    disk.mend();

    await house.startAgent();
    const { acts, prose } = await house.answerOf(turn);

    expect(acts.map(({ label }) => label)).toEqual(['done']);
    expect(prose).toEqual([{ text: 'It was made.' }]);
    expect(house.tools.effects).toHaveLength(1);
  },
);

test('a disk that cannot be written holds the turn up, and no more', async () => {
  await using house = await openHouse();
  using disk = brokenFrom(house, 2);
  const turn = await house.ask(task);
  await heldUp(house);
  disk.mend();

  const { acts } = await house.answerOf(turn);

  expect(acts.map(({ label }) => label)).toEqual(['done']);
});

test('an act that was running when gate and agent were killed is unknown, and not repeated', async () => {
  await using house = await openHouse();
  house.tools.hold = new Promise(() => undefined);
  const turn = await house.ask(task);
  await expect.poll(() => house.tools.effects.length).toBe(1);
  await house.stopAgent();
  house.tools.crash();

  await house.startAgent();
  const { acts } = await house.answerOf(turn);

  expect(acts.map(({ label }) => label)).toEqual(['unknown']);
  expect(house.tools.effects).toHaveLength(1);
});

test.each(['audit', 'policy', 'tools'] as const)(
  'a turn waits for %s and goes on by itself',
  async (name) => {
    await using house = await openHouse();
    await house.stop(name);
    const turn = await house.ask(task);
    await expect
      .poll(() => house.lines.some((line) => line['msg'] === 'waiting' && line['what'] === name))
      .toBe(true);

    await house.start(name);
    const { acts } = await house.answerOf(turn);

    expect(acts.map(({ label }) => label)).toEqual(['done']);
  },
);

test('the same turn asked for twice is one turn, with one end', async () => {
  await using house = await openHouse();
  const turn = await house.ask(task);
  await house.ask(task, turn);
  await house.answerOf(turn);
  const size = house.log.entries.length;

  await house.ask({ ...task, actuator: 'read_file' }, turn);
  await house.answer(task);

  expect(house.tools.effects.map(({ actuator }) => actuator)).toEqual(['exec', 'exec']);
  expect(house.log.entries.slice(size).filter((entry) => entry.includes(turn))).toEqual([]);
});

test('a turn of another session cannot be taken over', async () => {
  await using house = await openHouse();
  const turn = await house.ask(task);
  await house.open();

  await expect(house.ask(task, turn)).rejects.toMatchObject({ code: 'AGENT_TURN_UNKNOWN' });
});

test('an answer that does not hold is not given', async () => {
  const undone = { label: 'done', actuator: 'exec', title: 'exec make', rules: [] } as const;
  using room = openRoom((turn) => {
    const book = new AnswerBook(turn.begun, 'call');
    book.acts.push({ ...undone, rules: [] });
    return Promise.resolve({ answer: book.answer(), artifacts: {}, runbooks: [], steps: [] });
  });

  const told = await room.storyOf(task);

  expect(told.map(({ name }) => name)).toEqual([
    'user.message',
    'verification.failed',
    'turn.failed',
  ]);
  expect(told.at(-1)?.data['code']).toBe('AGENT_ANSWER_UNSOUND');
});

test('what nobody foresaw ends a turn too, and tells nothing of itself', async () => {
  using room = openRoom(() => Promise.reject(new Error('the secret is 42')));

  const last = (await room.storyOf(task)).at(-1);

  expect(last).toMatchObject({ name: 'turn.failed', data: { code: 'INTERNAL' } });
  expect(JSON.stringify(last)).not.toContain('secret');
});

test('the question is recorded before anything is done, and the answer before it is told', async () => {
  await using house = await openHouse();

  await house.answer(task);

  const kinds = house.log.entries.map((entry) => JSON.parse(entry).unmapped.event);
  const story = kinds.map(({ kind, verb }) => [kind, verb].filter(Boolean).join(' '));
  expect(story).toEqual([
    'session',
    'turn asked',
    'decision',
    'started',
    'outcome',
    'turn answered',
  ]);
});

test('the log knows a question by a salted digest only', async () => {
  await using house = await openHouse();

  await house.answer(task);

  expect(house.log.entries.join()).not.toContain('make');
});

test('events have numbers without gaps, and can be followed from any of them', async () => {
  await using house = await openHouse();
  const turn = await house.ask(task);
  const events = await house.events(turn);
  const rest = await house.events(turn, undefined, 3);

  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at));
  expect(rest.map(({ sequence }) => sequence)).toEqual([3, 4, 5, 6]);
});

test('a turn without an end after its time fails as expired', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(task);
  await house.events(turn, 'approval.requested');
  await house.stopAgent();
  edit(house, (db) =>
    db.exec(`UPDATE turn SET id = id; DROP TRIGGER event_no_update;
      UPDATE event SET body = json_set(body, '$.at', '2020-01-01T00:00:00.000Z')`),
  );

  await house.startAgent();
  const last = (await house.events(turn)).at(-1);

  expect(last).toMatchObject({ name: 'turn.failed', data: { code: 'AGENT_TURN_EXPIRED' } });
});

test('no event is changed, not even by the agent', async () => {
  await using house = await openHouse();
  await house.answer(task);

  expect(() => edit(house, (db) => db.exec(`UPDATE event SET body = '{}'`))).toThrow('append-only');
});

test('a turn in a session that never began is refused', async () => {
  await using house = await openHouse();
  const session = newName('s');
  await house.gateway.ask(agent.calls.openSession, { session });
  house.session = session;

  await expect(house.ask(task)).rejects.toMatchObject({ code: 'AGENT_SESSION_UNKNOWN' });
});

test('a turn that nobody began has no events and no answer', async () => {
  await using house = await openHouse();
  const turn = newName('t');

  const code = 'AGENT_TURN_UNKNOWN';
  await expect(house.events(turn)).rejects.toMatchObject({ code });
  await expect(house.answerOf(turn)).rejects.toMatchObject({ code });
});

test('a turn has no answer before its end', async () => {
  await using house = await openHouse();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(task);
  await house.events(turn, 'approval.requested');

  const question = house.gateway.ask(agent.calls.answer, { turn });

  await expect(question).rejects.toMatchObject({ code: 'AGENT_ANSWER_UNKNOWN' });
});

/** Refuses the event of this number and all later ones, as a full disk does. */
function brokenFrom(house: House, sequence: number) {
  edit(house, (db) =>
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.sequence >= ${sequence}
      BEGIN SELECT raise(ABORT, 'disk is full'); END`),
  );
  const mend = () => {
    if (existsSync(house.home)) edit(house, (db) => db.exec('DROP TRIGGER IF EXISTS full'));
  };
  return { mend, [Symbol.dispose]: mend };
}

async function heldUp(house: House): Promise<void> {
  await expect
    .poll(() => house.lines.some(({ msg, what }) => msg === 'waiting' && what === 'disk'))
    .toBe(true);
}

/** A person approves whatever waits, and goes on until the turn needs nothing from him. */
async function approvedOnce(house: House): Promise<void> {
  await expect.poll(() => [...house.policy.requests.values()].includes('pending')).toBe(true);
  house.policy.answer('approved');
}

function edit(house: House, change: (db: BetterSqlite3.Database) => void): void {
  const db = new Sqlite(join(house.home, 'state/agent.db'));
  try {
    change(db);
  } finally {
    db.close();
  }
}
