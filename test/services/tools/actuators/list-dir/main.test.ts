import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  bench.put('b.txt', '12345');
  bench.put('a/inner', '');
  symlinkSync('/usr', join(bench.rig.workspace, 'out'));
});
afterAll(() => bench[Symbol.asyncDispose]());

test('lists the workspace by name', async () => {
  expect((await bench.act('list_dir', {})).structured).toEqual({
    path: '',
    entries: [
      { name: 'a', type: 'folder', sizeBytes: 0 },
      { name: 'b.txt', type: 'file', sizeBytes: 5 },
      { name: 'out', type: 'link', sizeBytes: 0 },
    ],
    truncated: false,
  });
});

test('lists a folder of it', async () => {
  const { structured } = await bench.act('list_dir', { path: 'a' });

  expect(structured).toMatchObject({ path: 'a', entries: [{ name: 'inner' }] });
});

test.each(['..', 'out', '/usr', 'a/../../usr'])(
  '%s leads out of it and is refused',
  async (path) => {
    expect((await bench.act('list_dir', { path })).isError).toBe(true);
  },
);
