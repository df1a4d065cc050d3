import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';

let bench: Bench;
let folder: string;
beforeAll(async () => {
  bench = await openBench();
});
beforeEach(() => {
  folder = join(bench.rig.folder, `out-${performance.now()}`);
  mkdirSync(folder);
});
afterAll(() => bench[Symbol.asyncDispose]());

function send(name: string, access: 'read' | 'write' = 'write') {
  const operands = [{ path: bench.put('blob', 'report', bench.rig.folder), target: 'r/a.md' }];
  const mounts = [{ name: 'reports', path: folder, access }];
  return bench.act(
    'export_file',
    { path: 'r/a.md', folder: 'reports', name },
    { operands, mounts },
  );
}

test('copies the operand into the folder, and leaves no draft', async () => {
  expect((await send('a.md')).structured).toEqual({
    folder: 'reports',
    name: 'a.md',
    bytes: 6,
    sha256: createHash('sha256').update('report').digest('hex'),
    written: true,
  });
  expect(readFileSync(join(folder, 'a.md'), 'utf8')).toBe('report');
  expect(readdirSync(folder)).toEqual(['a.md']);
});

test('the same file twice is there once', async () => {
  await send('a.md');

  expect((await send('a.md')).structured).toMatchObject({ written: false });
  expect(readdirSync(folder)).toEqual(['a.md']);
});

test('another file of the name is never overwritten', async () => {
  writeFileSync(join(folder, 'a.md'), 'of somebody else');
  const { isError, text } = await send('a.md');

  expect({ isError, text }).toEqual({
    isError: true,
    text: 'a.md is there, with other bytes: choose another name',
  });
  expect(readFileSync(join(folder, 'a.md'), 'utf8')).toBe('of somebody else');
});

test('a link in its place is not followed', async () => {
  const outside = bench.put('outside', 'report', bench.rig.folder);
  symlinkSync(outside, join(folder, 'a.md'));

  expect((await send('a.md')).isError).toBe(true);
});

test.each(['../a.md', 'b/a.md', '.hidden', ''])('%j is no name of a file', async (name) => {
  expect((await send(name)).text).toContain('is no name of a file');
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that may only be read takes nothing', async () => {
  expect((await send('a.md', 'read')).isError).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});
