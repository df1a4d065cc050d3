import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuseExposed } from '#appliance/seal/exposure.ts';
import { makeHome } from './home.ts';

function makeFile(mode: number): string {
  const path = join(makeHome(), 'secret');
  writeFileSync(path, 'secret', { mode });
  return path;
}
const look = (path: string, type: 'file' | 'folder' = 'file') =>
  refuseExposed(path, statSync(path), { type, without: 0o077 });
const exposed = (message: string) =>
  expect.objectContaining({ code: 'SEAL_EXPOSED', message: expect.stringContaining(message) });

test('what is ours alone is taken', () => {
  expect(() => look(makeFile(0o600))).not.toThrow();
});

describe('is refused', () => {
  test('what is not what it should be', () => {
    const folder = makeHome();
    mkdirSync(join(folder, 'secret'));

    expect(() => look(join(folder, 'secret'))).toThrow(exposed('expected a file'));
    expect(() => look(makeFile(0o600), 'folder')).toThrow(exposed('expected a folder'));
  });

  test('what somebody else can read, with the permissions that it has', () => {
    expect(() => look(makeFile(0o640))).toThrow(exposed('found 0640'));
  });

  test('what belongs to somebody else', () => {
    const path = makeFile(0o600);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(path, 64_199, -1);
    // Another user's file is root's, for everybody but root.
    expect(() => look(isRoot ? path : '/etc/passwd')).toThrow(exposed('expected owner'));
  });
});
