import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFiles } from '@physiclaw/platform';
import { describe, expect, test } from 'vitest';
import { dropNext, publishNext, removeFiles, writeBatch } from '#services/audit/log/folder.ts';
import { filesBelow, makeHome, MEBIBYTE, temporaryFolder } from '../ledger.ts';

const batch = (bytes: number) => ({
  files: new Map([['tile/0/000.p/1', new Uint8Array(bytes)]]),
  checkpoint: 'new',
  previous: 'old',
});

test('a batch leaves its files, its checkpoint in force and the one before beside the log', async () => {
  const { state } = makeHome();

  expect(await writeBatch(state, batch(32))).toBe(true);
  expect(filesBelow(state)).toEqual([
    'log/checkpoint',
    'log/tile/0/000.p/1',
    'previous-checkpoint',
  ]);
  expect(readFileSync(join(state, 'log/checkpoint'), 'utf8')).toBe('new');
  expect(readFileSync(join(state, 'previous-checkpoint'), 'utf8')).toBe('old');
});

test('a batch that finds no room leaves nothing', async () => {
  const { state } = makeHome(MEBIBYTE);
  mkdirSync(join(state, 'log'));
  writeFileSync(join(state, 'log/checkpoint'), 'old');

  expect(await writeBatch(state, batch(2 * MEBIBYTE))).toBe(false);
  expect(filesBelow(state)).toEqual(['log/checkpoint']);
});

test('a checkpoint that finds no room leaves nothing of itself, nor of what it was to sign', async () => {
  const { state } = makeHome(MEBIBYTE);
  const checkpoint = 'x'.repeat(2 * MEBIBYTE);

  expect(await writeBatch(state, { ...batch(32), checkpoint })).toBe(false);
  expect(filesBelow(state)).toEqual([]);
});

test('after an error that says nothing about the disk, nothing is touched', async () => {
  const { state } = makeHome();
  symlinkSync('/dev/null', join(state, 'next-checkpoint'));

  await expect(writeBatch(state, batch(32))).rejects.toMatchObject({ syscall: 'fsync' });

  expect(filesBelow(state)).toContain('log/tile/0/000.p/1');
});

test('the next checkpoint can be put in force, or taken away', async () => {
  const { state } = makeHome();
  mkdirSync(join(state, 'log'));
  writeFileSync(join(state, 'next-checkpoint'), 'next');
  await publishNext(state);
  expect(readFileSync(join(state, 'log/checkpoint'), 'utf8')).toBe('next');

  writeFileSync(join(state, 'next-checkpoint'), 'torn');
  await dropNext(state);
  expect(filesBelow(state)).toEqual(['log/checkpoint']);
});

describe('removing', () => {
  test('takes the folder of a partial tile away with its last file, and no other folder', async () => {
    const root = temporaryFolder();
    await writeFiles(
      root,
      new Map([
        ['t/0.p/1', ''],
        ['t/0.p/2', ''],
        ['t/1.p/1', ''],
      ]),
    );

    removeFiles(root, ['t/0.p/1', 't/1.p/1', 't/2.p/9']);

    expect(filesBelow(root)).toEqual(['t/0.p/2']);
    expect(() => mkdirSync(join(root, 't/1.p'))).not.toThrow();
  });

  test('reports what it could not remove', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'a'));

    expect(() => removeFiles(root, ['a'])).toThrow(expect.objectContaining({ syscall: 'unlink' }));
  });
});
