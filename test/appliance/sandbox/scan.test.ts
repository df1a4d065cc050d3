import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@physiclaw/proof';
import { scan, TREE_LIMITS, TreeTooLarge } from '@physiclaw/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keep = (bytes: Uint8Array) => Promise.resolve(digestOf(bytes));
const at = (path: string) => join(folder, path);

test('reads files, folders and links back as a tree, and follows no link', async () => {
  mkdirSync(at('sub'));
  writeFileSync(at('sub/a'), 'alpha');
  writeFileSync(at('run'), 'echo', { mode: 0o755 });
  symlinkSync('/etc', at('out'));
  symlinkSync('/etc/passwd', at('sub/secret'));
  const { entries, skipped } = await scan(folder, keep);

  expect(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { type: 'link', path: 'out', target: '/etc' },
    { type: 'file', path: 'run', mode: 0o755, size: 4, digest: digestOf('echo') },
    { type: 'folder', path: 'sub' },
    { type: 'file', path: 'sub/a', mode: 0o644, size: 5, digest: digestOf('alpha') },
    { type: 'link', path: 'sub/secret', target: '/etc/passwd' },
  ]);
  expect(skipped).toBe(0);
});

test('a set-user-id bit does not survive', async () => {
  writeFileSync(at('a'), '');
  chmodSync(at('a'), 0o4755);

  expect((await scan(folder, keep)).entries).toMatchObject([{ mode: 0o755 }]);
});

test('what a tree cannot hold is skipped and counted', async () => {
  execFileSync('/usr/bin/mkfifo', [at('pipe')]);
  const server = createServer().listen(at('socket'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]), '');
  const found = await scan(folder, keep);
  server.close();

  expect(found).toEqual({ entries: [], skipped: 3 });
});

test('what a run made unreadable is read nevertheless', async () => {
  mkdirSync(at('sub'));
  writeFileSync(at('sub/a'), 'alpha', { mode: 0o000 });
  chmodSync(at('sub'), 0o000);

  expect((await scan(folder, keep)).entries.map(({ path }) => path)).toEqual(['sub', 'sub/a']);
});

test.each([
  ['entries', { ...TREE_LIMITS, entries: 1 }],
  ['bytes in a file', { ...TREE_LIMITS, fileBytes: 4 }],
  ['bytes in all', { ...TREE_LIMITS, totalBytes: 9 }],
])('more %s than a tree may hold are refused', async (_what, limits) => {
  writeFileSync(at('a'), 'alpha');
  writeFileSync(at('b'), 'gamma');

  await expect(scan(folder, keep, limits)).rejects.toThrow(TreeTooLarge);
});

test('paths that are longer than a path can be are refused', async () => {
  const nest = 'for (1..20) { mkdir "d" x 250; chdir "d" x 250 }';
  execFileSync('/usr/bin/perl', ['-e', nest], { cwd: folder });

  await expect(scan(folder, keep)).rejects.toThrow(TreeTooLarge);
});
