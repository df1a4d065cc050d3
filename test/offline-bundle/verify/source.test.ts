import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Source } from '#offline-bundle/verify/source.ts';

const SIZE = 5_000_001;
const CONTENT = Buffer.alloc(SIZE, 'a pattern of 23 letters');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-source-'));
  writeFileSync(join(folder, 'file'), CONTENT);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('bytes come in order, however they are asked for', async () => {
  await using source = await Source.open(join(folder, 'file'));
  const parts = [await source.bytes(512, 'a')];
  for await (const piece of source.take(SIZE - 512 - 7, 'b')) parts.push(Buffer.from(piece));
  parts.push(await source.bytes(7, 'c'));

  expect(Buffer.concat(parts).equals(CONTENT)).toBe(true);
  expect(source.offset).toBe(SIZE);
  expect(await source.isAtEnd()).toBe(true);
});

test('nothing is asked of the file for no bytes', async () => {
  await using source = await Source.open(join(folder, 'file'));

  expect((await source.bytes(0, 'a')).length).toBe(0);
  expect(await source.isAtEnd()).toBe(false);
});

test('an end that comes too early names the blob and the place', async () => {
  await using source = await Source.open(join(folder, 'file'));
  await source.bytes(SIZE - 3, 'a');

  await expect(source.bytes(4, 'the blob')).rejects.toMatchObject({
    code: 'BUNDLE_CUT',
    place: { blob: 'the blob', offset: SIZE },
  });
});
