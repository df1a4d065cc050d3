import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@physiclaw/platform';
import { openCheckpoint } from '@physiclaw/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fold, FOLD_TABLE } from '#services/tools/gate/fold.ts';
import { History, HISTORY_TABLE } from '#services/tools/gate/history.ts';
import { TestLog, TRUST_DOMAIN } from '../log.ts';

let folder: string;
let db: Database;
let log: TestLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  db = openDatabase(join(folder, 'tools.db'), [FOLD_TABLE + HISTORY_TABLE]);
  log = new TestLog();
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const fork = expect.objectContaining({ code: 'TOOLS_LOG_FORKED' });
const open = (from = log) => {
  const fold = new Fold(db, TRUST_DOMAIN);
  return new History({ db, log: from.peer, fold, vkey: log.vkey, onTree: () => undefined });
};
const tree = (from: TestLog, size = from.entries.length) =>
  openCheckpoint(from.checkpoint(size), from.vkey);
const grow = (by: number, to = log, check = 'X') => {
  for (let count = 1; count <= by; count += 1)
    to.append('tools', { kind: 'refusal', check, count });
};

test('every size of a growing log is accepted, a later and an earlier one', async () => {
  const history = open();
  for (let size = 1; size <= 40; size += 1) {
    grow(1);
    await history.accept(tree(log));
  }
  const earlier = Array.from({ length: 40 }, (_, size) => history.accept(tree(log, size + 1)));

  await expect(Promise.all(earlier)).resolves.toHaveLength(40);
});

test('more entries than one answer holds are followed', async () => {
  grow(600);

  await expect(open().catchUp()).resolves.toBeUndefined();
});

test.each([10, 11, 12])('a fork is not accepted at size %i', async (size) => {
  grow(11);
  const history = open();
  await history.accept(tree(log));
  const other = log.fork(9);
  grow(size - 9, other, 'Y');

  grow(1);
  await expect(history.accept(tree(other))).rejects.toThrow(fork);
  await expect(history.accept(tree(log))).resolves.toBeUndefined();
});

test('what was accepted is remembered over a restart', async () => {
  grow(11);
  await open().accept(tree(log));
  const other = log.fork(9);
  grow(5, other, 'Y');

  await expect(open(other).accept(tree(other))).rejects.toThrow(fork);
  grow(3);
  await expect(open().accept(tree(log))).resolves.toBeUndefined();
});

test('a log that was cut back is another log', async () => {
  grow(11);
  await open().accept(tree(log));

  await expect(open(log.fork(9)).catchUp()).rejects.toThrow(fork);
});

test('a log that does not have what its checkpoint names is another log', async () => {
  grow(11);

  await expect(open(log.fork(9)).accept(tree(log))).rejects.toThrow(fork);
  await expect(open(log.fork(0)).accept(tree(log))).rejects.toThrow(fork);
});

test('a checkpoint that another key signed is not followed', async () => {
  grow(3);

  await expect(open(new TestLog()).catchUp()).rejects.toThrow(
    expect.objectContaining({ code: 'PROOF_NOTE_INVALID' }),
  );
});
