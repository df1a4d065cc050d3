import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendDurable,
  asDiskFull,
  syncFolder,
  writeDurable,
  writeIfRoom,
} from '@physiclaw/platform';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';
import { onFullDisk } from './on-full-disk.ts';
import { fillDisk, smallDisk } from './small-disk.ts';

test('a file is written whole, with the mode that was asked for', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'anchor');
  await writeDurable(path, 'text', { mode: 0o444 });
  await writeDurable(join(folder.path, 'key'), new Uint8Array([1, 2]));

  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(statSync(path).mode & 0o777).toBe(0o444);
  expect(statSync(join(folder.path, 'key')).mode & 0o777).toBe(0o600);
});

test('the umask does not take bits from the mode', async () => {
  using folder = temporaryFolder();
  const before = process.umask(0o077);
  await writeDurable(join(folder.path, 'open'), 'x', { mode: 0o644 });
  process.umask(before);

  expect(statSync(join(folder.path, 'open')).mode & 0o777).toBe(0o644);
});

test('a file is replaced, and nothing is left beside it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'state');
  await writeDurable(path, 'old');
  await writeDurable(path, 'new');

  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder.path)).toEqual(['state']);
});

test('an exclusive write replaces nothing, and leaves nothing beside it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'anchor');
  await writeDurable(path, 'first', { exclusive: true });

  await expect(writeDurable(path, 'second', { exclusive: true })).rejects.toMatchObject({
    code: 'EEXIST',
  });
  expect(readFileSync(path, 'utf8')).toBe('first');
  expect(readdirSync(folder.path)).toEqual(['anchor']);
});

test('a write that fails leaves nothing beside it', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'taken/x'), { recursive: true });

  await expect(writeDurable(join(folder.path, 'taken'), 'x')).rejects.toThrow(/taken/);
  expect(readdirSync(folder.path)).toEqual(['taken']);
});

test('a write on a full disk is DISK_FULL and leaves nothing half-written', async () => {
  expect(await onFullDisk()).toMatchObject({
    write: { code: 'DISK_FULL', statusCode: 507, left: ['ballast'] },
  });
});

test('an append is added to what is there', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lines');
  writeFileSync(path, 'one\n');
  await using handle = await open(path, 'a');
  await appendDurable(handle, 'two\n');
  await appendDurable(handle, Buffer.from('three\n'));

  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
});

test('an append on a full disk is DISK_FULL, and the file is as long as before', async () => {
  expect(await onFullDisk()).toMatchObject({
    append: { code: 'DISK_FULL', left: 'before' },
  });
});

test('a folder that is not there cannot be synced', async () => {
  using folder = temporaryFolder();
  await syncFolder(folder.path);

  await expect(syncFolder(join(folder.path, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a database without room is told as a full disk', () => {
  const database = new Database(':memory:');
  database.exec('PRAGMA max_page_count = 2; CREATE TABLE note (text TEXT)');
  const insert = database.prepare('INSERT INTO note VALUES (?)');
  const failure = failureOf(() => insert.run('x'.repeat(100_000)));
  database.close();

  expect(failure).toMatchObject({ code: 'SQLITE_FULL' });
  expect(asDiskFull(failure, 'a note')).toMatchObject({ code: 'DISK_FULL', statusCode: 507 });
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('what there is room for is on the disk', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');

  expect(await writeIfRoom(path, 'text')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('text');
});

test.runIf(process.geteuid?.() === 0)('a full disk is no fault, and no success', async () => {
  const folder = smallDisk(65_536);
  const path = join(folder, 'file');
  await writeIfRoom(path, 'before');
  fillDisk(folder);

  expect(await writeIfRoom(path, 'x'.repeat(100_000))).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('before');
});

test('a folder that is not there is a fault', async () => {
  await expect(writeIfRoom('/nowhere/file', 'x')).rejects.toThrow('ENOENT');
});
