import { join } from 'node:path';
import { type AskedLog, type Database, Follower, openDatabase } from '@physiclaw/platform';
import { openCheckpoint } from '@physiclaw/proof';
import { expect, onTestFinished, test } from 'vitest';
import { logOf, turn } from '../../services/siem/entries.ts';
import type { TestLog } from '../../services/tools/log.ts';
import { temporaryFolder } from './small-disk.ts';

const TABLES = `
  CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), frontier TEXT NOT NULL) STRICT;
  CREATE TABLE seen (entry INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
`;

function open(log: AskedLog, folder = temporaryFolder()) {
  const db = openDatabase(join(folder, 'log.db'), [TABLES]);
  onTestFinished(() => void db.close());
  const follower = new Follower({ log, db, table: 'place' });
  const take = (index: number, text: string) =>
    void db.prepare('INSERT INTO seen VALUES (?, ?)').run(index, text);
  return { db, follower, take };
}

const treeOf = (log: TestLog, size = log.entries.length) =>
  openCheckpoint(log.checkpoint(size), log.vkey);
const seenIn = (db: Database) =>
  db.prepare<[], string>('SELECT text FROM seen ORDER BY entry').pluck().all();

test('hands on every entry once, with its index, and goes on from there', async () => {
  const log = logOf(600);
  const { db, follower, take } = open(log.peer);
  expect(await follower.follow(treeOf(log, 300), take)).toBe(true);
  expect(await follower.follow(treeOf(log), take)).toBe(true);

  expect(seenIn(db)).toEqual(log.entries);
  expect(follower.tree.size).toBe(600);
  expect(follower.tree.root).toEqual(treeOf(log).root);
});

test('goes on after a restart where it was', async () => {
  const folder = temporaryFolder();
  const log = logOf(3);
  const before = open(log.peer, folder);
  await before.follower.follow(treeOf(log), before.take);
  log.append('agent', turn(9));
  const { db, follower, take } = open(log.peer, folder);
  await follower.follow(treeOf(log), take);

  expect(seenIn(db)).toEqual(log.entries);
});

test('writes nothing where nothing came', async () => {
  const log = logOf(3);
  const { db, follower, take } = open(log.peer);
  await follower.follow(treeOf(log), take);
  db.exec("CREATE TRIGGER still BEFORE INSERT ON place BEGIN SELECT RAISE(ABORT, 'written'); END");

  expect(await follower.follow(treeOf(log), take)).toBe(true);
});

test.each<[string, (log: TestLog) => TestLog]>([
  ['has other entries now', (log) => grown(log.fork(2), 20, 21)],
  ['has another entry at its end', (log) => grown(log.fork(2), 30)],
  ['has another past', () => logOf(0)],
])('takes nothing from a log that %s', async (_, other) => {
  const log = logOf(3);
  let now: AskedLog = log.peer;
  const asked: AskedLog = { ask: (call, question) => now.ask(call, question) };
  const { db, follower, take } = open(asked);
  await follower.follow(treeOf(log), take);
  const forked = other(log);
  now = forked.peer;

  expect(await follower.follow(treeOf(forked), take)).toBe(false);
  expect(seenIn(db)).toEqual(log.entries);
  expect(follower.tree.size).toBe(3);
});

test('takes no entry that the tree does not cover', async () => {
  const [log, other] = [logOf(3), logOf(0)];
  for (const n of [7, 8, 9]) other.append('agent', turn(n));
  const { db, follower, take } = open(other.peer);

  expect(await follower.follow(treeOf(log), take)).toBe(false);
  expect(seenIn(db)).toEqual([]);
});

test('reads again what was not taken', async () => {
  const log = logOf(3);
  const { db, follower, take } = open(log.peer);
  const full = (index: number, text: string) => {
    if (index === 2) throw new Error('no room');
    take(index, text);
  };
  await expect(follower.follow(treeOf(log), full)).rejects.toThrow('no room');
  expect(seenIn(db)).toEqual([]);
  await follower.follow(treeOf(log), take);

  expect(seenIn(db)).toEqual(log.entries);
});

test('stops asking when it is told to', async () => {
  const log = logOf(3);
  const asked: AskedLog = {
    ask: (_call, _question, options) => Promise.reject(options?.signal?.reason),
  };
  const { follower, take } = open(asked);
  const signal = AbortSignal.abort(new Error('enough'));

  await expect(follower.follow(treeOf(log), take, signal)).rejects.toThrow('enough');
});

function grown(log: TestLog, ...numbers: number[]): TestLog {
  for (const n of numbers) log.append('agent', turn(n));
  return log;
}
