import { existsSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const inWorkspace = (path: string) => join(bench.rig.workspace, path);
const write = (path: string, more: object = {}) =>
  bench.act('write_file', { path, content: 'grüß\n', ...more }, { writable: true });

test('writes a file, and the folders above it', async () => {
  expect((await write('new/deep/a.txt')).structured).toEqual({
    path: 'new/deep/a.txt',
    bytes: 7,
    mode: '644',
  });
  expect(readFileSync(inWorkspace('new/deep/a.txt'), 'utf8')).toBe('grüß\n');
});

test('a program gets the mode of one', async () => {
  await write('tool', { mode: '755' });

  expect(statSync(inWorkspace('tool')).mode & 0o777).toBe(0o755);
});

test.each([
  ['over a link', 'link'],
  ['below a link', 'folder-link/x'],
])('nothing is written %s, wherever it leads', async (_how, path) => {
  for (const link of ['link', 'folder-link']) rmSync(inWorkspace(link), { force: true });
  symlinkSync('/tmp/elsewhere', inWorkspace('link'));
  symlinkSync('/tmp', inWorkspace('folder-link'));
  const { isError, text } = await write(path);

  expect({ isError, text }).toEqual({
    isError: true,
    text: `${path} goes through a link: name the file itself`,
  });
});

test.each(['../x', 'a/../../x', '/x', 'a//b'])('%s is no path of the workspace', async (path) => {
  expect(await write(path)).toMatchObject({ isError: true });
  expect(existsSync(join(bench.rig.folder, 'x'))).toBe(false);
});

test('a workspace that may not be written stays as it is', async () => {
  const { isError } = await bench.act(
    'write_file',
    { path: 'a', content: '' },
    { writable: false },
  );

  expect(isError).toBe(true);
  expect(existsSync(inWorkspace('a'))).toBe(false);
});
