import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench, type Reply, rows } from '../bench.ts';

let bench: Bench;
let ofMachine: Reply;
beforeAll(async () => {
  bench = await openBench();
  const mounts = [{ name: 'system', path: '/', access: 'read' as const }];
  ofMachine = await bench.act('disk_usage', { paths: [] }, { mounts });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A machine that consists of one folder. */
function measure(folder: string, given: object): Promise<Reply> {
  const mounts = [{ name: 'system', path: folder, access: 'read' as const }];
  return bench.act('disk_usage', given, { mounts });
}

test('tells how full the root file system is, as the kernel says', () => {
  const { blocks, bsize, files } = statfsSync('/');
  const [root] = rows(ofMachine, 'mounts');

  expect(root).toMatchObject({ path: '/', totalBytes: blocks * bsize, totalInodes: files });
  expect(root?.['usedPercent']).toBeGreaterThan(0);
  expect(root?.['filesystem']).toMatch(/^\w+$/);
});

test('leaves out what is no place for files, and names each mount once', () => {
  const paths = rows(ofMachine, 'mounts').map(({ path }) => path);

  expect(paths).not.toContain('/proc');
  expect(new Set(paths).size).toBe(paths.length);
});

test('says what it was not shown', () => {
  expect(ofMachine.structured['notChecked']).toContainEqual({ what: '/root', why: 'masked' });
});

test('names the largest folders first, with all that is below them', async () => {
  const machine = join(bench.rig.folder, 'machine');
  bench.put('var/log/big', Buffer.alloc(300_000, 1), machine);
  bench.put('var/small', Buffer.alloc(10_000, 1), machine);
  const folders = rows(await measure(machine, { paths: ['/var'], top: 2 }), 'folders');

  expect(folders).toMatchObject([
    { path: '/var', files: 2, complete: true },
    { path: '/var/log', files: 1, complete: true },
  ]);
  expect(folders[1]?.['bytes']).toBeGreaterThanOrEqual(300_000);
});

test('a folder that is not there is not zero, but not checked', async () => {
  mkdirSync(join(bench.rig.folder, 'empty'));
  const { structured } = await measure(join(bench.rig.folder, 'empty'), { paths: ['/var'] });

  expect(structured).toMatchObject({
    folders: [],
    notChecked: [{ what: '/var', why: 'not there' }],
  });
});
