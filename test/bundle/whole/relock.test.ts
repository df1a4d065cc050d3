import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Lock, readLock, writeLock } from '@physiclaw/offline-bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cache } from './made.ts';

let folder = '';
let before: Lock;
const place = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-relock-'));
  before = readLock('offline-bundle/bundle.lock');
  const packages = before.packages.map((locked) =>
    locked.name === 'zstd'
      ? { ...locked, version: '0', path: 'pool/main/g/gone_0.deb', sha256: '0'.repeat(64) }
      : locked,
  );
  const [first, ...rest] = packages;
  if (first) writeLock(place('bundle.lock'), { ...before, packages: [first, ...rest] });
});
afterAll(() => rmSync(folder, { recursive: true }));

function create(...options: readonly string[]) {
  const args = [
    '--lock',
    place('bundle.lock'),
    '--out',
    place('out'),
    '--cache',
    cache,
    ...options,
  ];
  return spawnSync(resolve('bin/physiclaw'), ['bundle', 'create', ...args], { encoding: 'utf8' });
}

test('a version that the mirror no longer has is named, and nothing is made', () => {
  const { status, stderr } = create();

  expect(status).toBe(1);
  expect(stderr).toContain('BUNDLE_PACKAGE_GONE: the mirror no longer has gone_0.deb');
  expect(stderr).toContain('physiclaw bundle lock');
  expect(existsSync(place('out'))).toBe(false);
});

test('where it is to follow the mirror it makes a new lock, and says what moved', () => {
  const { status, stderr } = create('--follow-mirror');
  const moved = before.packages.find(({ name }) => name === 'zstd');

  expect(status).toBe(0);
  expect(stderr).toContain(`  zstd 0 → `);
  expect(readFileSync(place('bundle.lock'), 'utf8')).toContain(`"name":"${moved?.name}"`);
  expect(existsSync(place('out/physiclaw-0.1.0.bundle'))).toBe(true);
}, 300_000);
