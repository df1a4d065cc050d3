import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isDiskFull, removeFiles, unlessCode, writeFiles } from '#services/audit/disk/durable.ts';
import { filesBelow, makeHome, MEBIBYTE, temporaryFolder } from '../ledger.ts';

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
    const { home } = makeHome(MEBIBYTE);
    const large = new Map([['large', new Uint8Array(2 * MEBIBYTE)]]);

    const error: unknown = await writeFiles(home, large).catch((reason: unknown) => reason);

    expect(isDiskFull(error)).toBe(true);
    expect(isDiskFull(new Error('other'))).toBe(false);
    expect(isDiskFull(Object.assign(new Error('lost'), { code: 'ENOSPC', syscall: 'fsync' }))).toBe(
      false,
    );
  });

  test('that is worse than a full disk is the one that is told', async () => {
    const { home } = makeHome(MEBIBYTE);
    writeFileSync(join(home, 'file'), '');
    const files = new Map([
      ['large', new Uint8Array(2 * MEBIBYTE)],
      ['file/below', new Uint8Array()],
    ]);

    await expect(writeFiles(home, files)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('of fsync is an error of the write', async () => {
    const root = temporaryFolder();
    symlinkSync('/dev/null', join(root, 'a'));

    await expect(writeFiles(root, new Map([['a', 'lost']]))).rejects.toMatchObject({
      syscall: 'fsync',
    });
  });
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

    await removeFiles(root, ['t/0.p/1', 't/1.p/1', 't/2.p/9']);

    expect(filesBelow(root)).toEqual(['t/0.p/2']);
    expect(() => mkdirSync(join(root, 't/1.p'))).not.toThrow();
  });

  test('reports what it could not remove', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'a'));

    await expect(removeFiles(root, ['a'])).rejects.toMatchObject({ syscall: 'unlink' });
  });
});

test('only the named codes pass', () => {
  const pass = unlessCode('ENOENT');

  expect(pass(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBeUndefined();
  expect(() => pass(Object.assign(new Error('no'), { code: 'EACCES' }))).toThrow('no');
});
