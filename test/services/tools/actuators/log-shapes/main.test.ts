import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench, type Reply, rows } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const until = new Date().toISOString();
const at = (minutesAgo: number) =>
  new Date(Date.parse(until) - minutesAgo * 60_000).toISOString().slice(0, 19);

function logs(files: Record<string, string | Buffer>): Promise<Reply> {
  const folder = join(bench.rig.folder, `logs-${performance.now()}`);
  for (const [name, content] of Object.entries(files)) bench.put(name, content, folder);
  const mounts = [{ name: 'logs', path: folder, access: 'read' as const }];
  return bench.act('log_shapes', { until, recentMinutes: 60 }, { mounts });
}

test('finds what is new in the last hour, over all files', async () => {
  const reply = await logs({
    'app.log': `${at(600)}Z app: request 17 served\n${at(5)}Z app: request 18 served\n`,
    'sub/other.log': `${at(500)}Z db: ready\n${at(3)}Z db: disk /dev/sda1 failed\n`,
  });

  expect(reply.structured).toMatchObject({
    fileCount: 2,
    lineCount: 4,
    shapeCount: 3,
    newCount: 1,
  });
  expect(rows(reply, 'shapes')[0]).toMatchObject({
    source: 'sub/other.log',
    template: 'db: disk <path> failed',
    level: 'error',
    new: true,
  });
});

test('a line without a time belongs to the one above it', async () => {
  const { structured } = await logs({ 'app.log': `${at(5)}Z crash\n  at line 7\n` });

  expect(structured['shapes']).toContainEqual(
    expect.objectContaining({ template: 'at line <n>', recentCount: 1 }),
  );
});

test('says what it did not read, and why', async () => {
  const { structured } = await logs({
    'old.log.1.gz': 'packed',
    wtmp: Buffer.of(1, 0, 2),
    'app.log': `${at(5)}Z fine\n`,
  });

  expect(structured['notChecked']).toEqual([
    { what: '1 packed files', why: 'compressed' },
    { what: 'wtmp', why: 'binary' },
    { what: 'journal', why: 'not there' },
  ]);
});

test('names a folder that lies too deep, and reads the others', async () => {
  const { structured } = await logs({ 'a/b/c/near.log': 'near\n', 'a/b/c/d/far.log': 'far\n' });

  expect(structured).toMatchObject({ fileCount: 1, lineCount: 1 });
  expect(structured['notChecked']).toContainEqual({ what: 'a/b/c/d', why: 'too deep' });
});

test('reads a log of very many short lines', async () => {
  const { structured } = await logs({ 'app.log': `x\n`.repeat(200_000) });

  expect(structured['lineCount']).toBe(200_000);
  expect(structured['notChecked']).toEqual([{ what: 'journal', why: 'not there' }]);
});

test('a machine without a folder of logs is not silent', async () => {
  const { structured } = await bench.act('log_shapes', { until });

  expect(structured['notChecked']).toEqual([
    { what: 'text logs', why: 'not there' },
    { what: 'journal', why: 'not there' },
  ]);
});

test('equal logs give equal bytes', async () => {
  const files = { 'app.log': `${at(9)}Z b\n${at(5)}Z a\n` };

  expect((await logs(files)).text).toBe((await logs(files)).text);
});
