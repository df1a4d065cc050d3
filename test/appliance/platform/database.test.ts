import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';

const first = 'CREATE TABLE session (id TEXT PRIMARY KEY) STRICT';
const second = 'ALTER TABLE session ADD COLUMN person TEXT';

test('a new file gets every migration, and is durable and private', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'policy.db');
  const database = openDatabase(path, [first, second]);

  expect(database.pragma('user_version', { simple: true })).toBe(2);
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  database.close();
});

test('an old file gets only what it lacks, and keeps its rows', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'policy.db');
  const old = openDatabase(path, [first]);
  old.prepare('INSERT INTO session (id) VALUES (?)').run('s-1');
  old.close();
  const database = openDatabase(path, [first, second]);

  expect(database.prepare('SELECT * FROM session').all()).toEqual([{ id: 's-1', person: null }]);
  database.close();
});

test('a file of a later release is refused', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'policy.db');
  openDatabase(path, [first, second]).close();

  expect(() => openDatabase(path, [first])).toThrow(
    expect.objectContaining({ code: 'DATABASE_NEWER' }),
  );
});

test('a migration that fails leaves the version before it, whole', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'policy.db');
  const broken = `${second}; INSERT INTO nowhere VALUES (1)`;

  expect(() => openDatabase(path, [first, broken])).toThrow(/nowhere/);
  const database = openDatabase(path, [first]);
  expect(database.prepare('PRAGMA table_info(session)').all()).toHaveLength(1);
  database.close();
});
