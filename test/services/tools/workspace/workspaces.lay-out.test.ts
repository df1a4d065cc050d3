import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeEntry } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layOut } from '#services/tools/workspace/workspaces.ts';

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lay-out-'));
  target = join(folder, 'workspace');
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (digest: string) => join(folder, digest);

function file(path: string, text: string, mode: 0o644 | 0o755 = 0o644): TreeEntry {
  const digest = digestOf(text);
  writeFileSync(pathOf(digest), text);
  return { type: 'file', path, mode, size: text.length, digest };
}

test('writes exactly the tree: files with their modes, folders, and links as they are', async () => {
  const entries: TreeEntry[] = [
    file('deep/down/run.sh', 'echo', 0o755),
    { type: 'folder', path: 'empty' },
    { type: 'link', path: 'out', target: '/etc/passwd' },
  ];
  await layOut(entries, target, pathOf);

  expect(readFileSync(join(target, 'deep/down/run.sh'), 'utf8')).toBe('echo');
  expect(lstatSync(join(target, 'deep/down/run.sh')).mode & 0o7777).toBe(0o755);
  expect(lstatSync(join(target, 'empty')).isDirectory()).toBe(true);
  expect(readlinkSync(join(target, 'out'))).toBe('/etc/passwd');
});

test('what is written into the copy does not reach the stored bytes', async () => {
  await layOut([file('a', 'alpha')], target, pathOf);
  writeFileSync(join(target, 'a'), 'omega');

  expect(readFileSync(pathOf(digestOf('alpha')), 'utf8')).toBe('alpha');
});

test('stored bytes that were changed are refused', async () => {
  const entry = file('a', 'alpha');
  writeFileSync(pathOf(digestOf('alpha')), 'omega');

  await expect(layOut([entry], target, pathOf)).rejects.toThrow(
    expect.objectContaining({ code: 'TOOLS_BLOB_UNKNOWN' }),
  );
});

test('nothing is written through a link, whatever the order of the entries', async () => {
  mkdirSync(join(folder, 'victim'));
  const link: TreeEntry = { type: 'link', path: 'l', target: join(folder, 'victim') };

  await expect(layOut([link, file('l/a', 'alpha')], target, pathOf)).rejects.toThrow('EEXIST');
  expect(() => lstatSync(join(folder, 'victim/a'))).toThrow('ENOENT');
});

test('a folder that is there already is not written into', async () => {
  mkdirSync(target);

  await expect(layOut([], target, pathOf)).rejects.toThrow('EEXIST');
});
