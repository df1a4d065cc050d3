import { hash, randomBytes } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { BlobStore } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';
import { onFullDisk } from './on-full-disk.ts';

test('bytes come back by their digest', async () => {
  using folder = temporaryFolder();
  const store = new BlobStore(folder.path);
  const bytes = randomBytes(1000);
  const digest = await store.put(bytes);

  expect(digest).toBe(hash('sha256', bytes, 'hex'));
  expect(await store.has(digest)).toBe(true);
  expect(await new BlobStore(folder.path).get(digest)).toEqual(bytes);
});

test('a blob lies under two levels of folders that only its service enters', async () => {
  using folder = temporaryFolder();
  const store = new BlobStore(folder.path);
  const digest = await store.put(Buffer.from('x'));
  const [first, second] = [digest.slice(0, 2), digest.slice(2, 4)];

  expect(store.path(digest)).toBe(`${folder.path}/${first}/${second}/${digest}`);
  expect(statSync(`${folder.path}/${first}`).mode & 0o777).toBe(0o700);
  expect(statSync(store.path(digest)).mode & 0o777).toBe(0o600);
});

test('no bytes are bytes too, and the same bytes lie there once', async () => {
  using folder = temporaryFolder();
  const store = new BlobStore(folder.path);
  const [one, two] = await Promise.all([store.put(Buffer.of()), store.put(Buffer.of())]);

  expect(one).toBe(two);
  expect(await store.get(one)).toHaveLength(0);
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(1);
});

test('a blob that was never put is unknown', async () => {
  using folder = temporaryFolder();
  const store = new BlobStore(folder.path);
  const digest = hash('sha256', 'x', 'hex');

  expect(await store.has(digest)).toBe(false);
  await expect(store.get(digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN', statusCode: 404 });
});

test('a blob that was changed is not given out, and put again it is sound', async () => {
  using folder = temporaryFolder();
  const store = new BlobStore(folder.path);
  const digest = await store.put(Buffer.from('sound'));
  writeFileSync(store.path(digest), 'rotten');

  await expect(store.get(digest)).rejects.toMatchObject({ code: 'BLOB_DAMAGED', statusCode: 500 });
  await store.put(Buffer.from('sound'));
  expect((await store.get(digest)).toString()).toBe('sound');
});

test.each(['', 'x', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(64)}/..`])(
  '%j is no digest and names no file',
  async (name) => {
    const store = new BlobStore('/nowhere');

    expect(() => store.path(name)).toThrow(/regex|pattern|invalid/i);
    await expect(store.get(name)).rejects.toThrow(/regex|pattern|invalid/i);
  },
);

test('a blob for which there is no room is DISK_FULL, and nothing of it stays', async () => {
  expect(await onFullDisk()).toMatchObject({
    blob: { code: 'DISK_FULL', statusCode: 507, left: ['ballast'] },
  });
});
