import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskFull, unless, writeFiles } from '@physiclaw/platform';
import { describe, expect, test } from 'vitest';
import { MEBIBYTE, smallDisk, temporaryFolder } from './small-disk.ts';

test('files are written with the folders that they need, text as UTF-8', async () => {
  const root = temporaryFolder();

  await writeFiles(
    root,
    new Map<string, string | Uint8Array>([
      ['a/b/c', Uint8Array.of(1)],
      ['d', 'é'],
    ]),
  );

  expect([...readFileSync(join(root, 'a/b/c'))]).toEqual([1]);
  expect(readFileSync(join(root, 'd'), 'utf8')).toBe('é');
});

test('a longer file under the same name is replaced as a whole', async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, 'a'), 'longer');

  await writeFiles(root, new Map([['a', 'new']]));

  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('new');
});

describe('an error', () => {
  test('of the disk is told apart from any other', async () => {
    const folder = smallDisk(MEBIBYTE);
    const large = new Map([['large', new Uint8Array(2 * MEBIBYTE)]]);

    const error: unknown = await writeFiles(folder, large).catch((reason: unknown) => reason);

    expect(isDiskFull(error)).toBe(true);
    expect(isDiskFull(new Error('other'))).toBe(false);
    expect(isDiskFull(Object.assign(new Error('lost'), { code: 'ENOSPC', syscall: 'fsync' }))).toBe(
      false,
    );
  });

  test('of fsync is an error of the write', async () => {
    const root = temporaryFolder();
    symlinkSync('/dev/null', join(root, 'a'));

    await expect(writeFiles(root, new Map([['a', 'lost']]))).rejects.toMatchObject({
      syscall: 'fsync',
    });
  });
});

test('only what was foreseen is passed over', () => {
  expect(unless(['ENOENT'], () => 7)).toBe(7);
  expect(unless(['ENOENT'], failing('ENOENT'))).toBeUndefined();
  expect(() => unless(['ENOENT'], failing('EACCES'))).toThrow('EACCES');
});

const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};
