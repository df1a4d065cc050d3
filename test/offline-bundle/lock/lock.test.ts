import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changesOf,
  expectLockFor,
  type Lock,
  lockText,
  readLock,
  writeLock,
} from '#offline-bundle/lock/lock.ts';
import { digestOfList, readWanted } from '#offline-bundle/lock/wanted.ts';

const SHA256 = 'ab'.repeat(32);
const locked = (name: string, version: string) => ({
  name,
  version,
  architecture: 'amd64' as const,
  archive: 'debian' as const,
  path: `pool/main/${name}_${version}.deb`,
  size: 1,
  sha256: SHA256,
});
const lock: Lock = {
  schema: 'physiclaw/bundle-lock/v1',
  suite: 'trixie',
  wanted: digestOfList('trixie', ['a']),
  packages: [locked('a', '1'), locked('b', '1')],
  parts: [{ name: 'node', version: '24', sha256: SHA256 }],
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('what was written is read back, a line for each package', () => {
  const file = join(folder, 'bundle.lock');
  writeLock(file, lock);

  expect(readLock(file)).toEqual(lock);
  expect(
    lockText(lock)
      .split('\n')
      .filter((line) => line.includes('"name"')),
  ).toHaveLength(3);
});

test("this repository's lock answers its list, and names no host", () => {
  const wanted = readWanted('offline-bundle/bundle.yaml');

  expect(() => expectLockFor(wanted, readLock('offline-bundle/bundle.lock'))).not.toThrow();
  expect(readFileSync('offline-bundle/bundle.lock', 'utf8')).not.toContain('://');
});

test('a lock of another list is refused, with the command that helps', () => {
  const wanted = {
    ...readWanted('offline-bundle/bundle.yaml'),
    packages: ['a', 'c'] as [string, string],
  };

  expect(() => expectLockFor(wanted, lock)).toThrow(
    expect.objectContaining({
      code: 'BUNDLE_LOCK_STALE',
      message: expect.stringContaining('physiclaw bundle lock'),
    }),
  );
});

test.each([
  ['no JSON', 'lock'],
  [
    'a package outside the pool',
    lockText({ ...lock, packages: [{ ...locked('a', '1'), path: '/etc/x.deb' }] }),
  ],
  [
    'an address',
    lockText({ ...lock, packages: [{ ...locked('a', '1'), path: 'http://a/x.deb' }] }),
  ],
  ['no package', lockText(lock).replace(/"packages": \[[^\]]*\]/, '"packages": []')],
])('%s is refused', (_, text) => {
  const file = join(folder, 'other.lock');
  writeFileSync(file, text);

  expect(() => readLock(file)).toThrow(expect.objectContaining({ code: 'BUNDLE_LOCK_INVALID' }));
});

test('a new lock tells what moved, came and went', () => {
  const after: Lock = { ...lock, packages: [locked('a', '2'), locked('c', '1')] };

  expect(changesOf(lock, after)).toEqual(['a 1 → 2', 'b 1 → none', 'c none → 1']);
  expect(changesOf(lock, lock)).toEqual([]);
  expect(changesOf(undefined, lock)).toHaveLength(3);
});
