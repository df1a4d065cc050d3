import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inputOfFile } from '#offline-bundle/archive/input.ts';
import { writeBundle } from '#offline-bundle/create/write.ts';
import { HEAD, newKeys } from '#test/bundle/small/bundle.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an input that changes after it was looked at is refused by its path', async () => {
  const [source, file] = [join(folder, 'source'), join(folder, 'a.bundle')];
  writeFileSync(source, 'before');
  const input = await inputOfFile('skills/a', source);
  writeFileSync(source, 'after!');

  await expect(writeBundle(file, HEAD, [input], newKeys().privateKey)).rejects.toMatchObject({
    code: 'BUNDLE_INPUT_CHANGED',
    message: expect.stringContaining('skills/a'),
  });
  expect(readdirSync(folder)).toEqual(['source']);
});

test('a bundle has its name only once it is whole', async () => {
  const [source, file] = [join(folder, 'source'), join(folder, 'a.bundle')];
  writeFileSync(source, 'content');
  await writeBundle(file, HEAD, [await inputOfFile('skills/a', source)], newKeys().privateKey);

  expect(readdirSync(folder).toSorted()).toEqual(['a.bundle', 'source']);
});

test('a bundle that is there and holds stays as it is; a damaged one is written again', async () => {
  const [source, file] = [join(folder, 'source'), join(folder, 'a.bundle')];
  writeFileSync(source, 'content');
  const { privateKey } = newKeys();
  const write = async (key = privateKey) => {
    await writeBundle(file, HEAD, [await inputOfFile('skills/a', source)], key);
    return readFileSync(file);
  };
  const first = await write();

  expect((await write()).equals(first)).toBe(true);
  writeFileSync(file, first.subarray(0, -1));
  expect((await write()).length).toBe(first.length);
  expect((await write(newKeys().privateKey)).equals(first)).toBe(false);
  writeFileSync(source, 'Content');
  expect((await write()).equals(first)).toBe(false);
});
