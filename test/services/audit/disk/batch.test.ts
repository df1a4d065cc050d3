import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dropNext, publishNext, writeBatch } from '#services/audit/disk/batch.ts';
import { isDiskFull } from '#services/audit/disk/durable.ts';
import { filesBelow, makeHome, MEBIBYTE } from '../ledger.ts';

const batch = (bytes: number) => ({
  files: new Map([['tile/0/000.p/1', new Uint8Array(bytes)]]),
  checkpoint: 'new',
  previous: 'old',
});

test('a batch leaves its files, its checkpoint in force and the one before beside the log', async () => {
  const { state } = makeHome();

  await writeBatch(state, batch(32));

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

  const error: unknown = await writeBatch(state, batch(2 * MEBIBYTE)).catch((e: unknown) => e);

  expect(isDiskFull(error)).toBe(true);
  expect(filesBelow(state)).toEqual(['log/checkpoint']);
});

test('a checkpoint that finds no room leaves nothing of itself, nor of what it was to sign', async () => {
  const { state } = makeHome(MEBIBYTE);
  const checkpoint = 'x'.repeat(2 * MEBIBYTE);

  const error: unknown = await writeBatch(state, { ...batch(32), checkpoint }).catch(
    (reason: unknown) => reason,
  );

  expect(isDiskFull(error)).toBe(true);
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
