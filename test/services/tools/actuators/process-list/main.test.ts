import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench, type Reply, rows } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

function look(folder: string, given: object = {}): Promise<Reply> {
  const mounts = [{ name: 'processes', path: folder, access: 'read' as const }];
  return bench.act('process_list', given, { mounts });
}

const STAT = (pid: number, name: string, state: string, ticks: number) =>
  `${pid} (${name}) ${state} 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 3 0 500 0 0`;

/** A machine of two processes whose numbers are known. */
function machine(): string {
  const proc = join(bench.rig.folder, 'proc');
  bench.put('1/stat', STAT(1, 'init', 'S', 250), proc);
  bench.put('1/statm', '10 5 0 0 0 0 0', proc);
  bench.put('7/stat', STAT(7, 'a (b) c', 'Z', 0), proc);
  bench.put('meminfo', 'MemTotal: 1000 kB\nMemAvailable: 400 kB\n', proc);
  bench.put('loadavg', '0.50 0.40 0.30 1/2 3\n', proc);
  bench.put('stat', 'cpu  1\ncpu0 1\ncpu1 1\n', proc);
  bench.put('uptime', '99.5 1\n', proc);
  bench.put('vmstat', 'nr_free 1\noom_kill 3\n', proc);
  bench.put('pressure/memory', 'some avg10=1.50 avg60=0.25 avg300=0 total=1\n', proc);
  return proc;
}

test('reads each process, whatever its name holds', async () => {
  const reply = await look(machine());

  expect(rows(reply, 'processes')).toEqual([
    {
      pid: 1,
      ppid: 1,
      name: 'init',
      state: 'S',
      threads: 3,
      rssBytes: 20_480,
      cpuSeconds: 2.5,
      cpuPercent: 0,
      startSeconds: 5,
    },
    expect.objectContaining({ pid: 7, name: 'a (b) c', state: 'Z', rssBytes: 0 }),
  ]);
  expect(reply.structured).toMatchObject({ zombieCount: 1, threadCount: 6 });
});

test('reads memory, load, pressure and the kills for want of memory', async () => {
  expect((await look(machine())).structured).toMatchObject({
    memoryTotalBytes: 1_024_000,
    memoryAvailableBytes: 409_600,
    load1: 0.5,
    load5: 0.4,
    load15: 0.3,
    cpus: 2,
    uptimeSeconds: 99.5,
    outOfMemoryKills: 3,
    memoryPressureSome10sPercent: 1.5,
  });
});

const lacking = (what: string) => ({ what, why: 'not told by this kernel' });

test('names each number that the kernel does not tell, and makes none of them 0', async () => {
  const proc = machine();
  rmSync(join(proc, 'loadavg'));
  const reply = await look(proc);
  const untold = ['memoryFree', 'memoryCached', 'memoryShared', 'swapTotal', 'swapFree'];

  expect(rows(reply, 'notChecked')).toEqual([
    ...untold.map((name) => lacking(`${name}Bytes`)),
    { what: 'load', why: 'not there' },
    { what: 'cpu pressure', why: 'not there' },
    lacking('memoryPressureFull10sPercent'),
    lacking('memoryPressureFull60sPercent'),
    { what: 'io pressure', why: 'not there' },
  ]);
  expect(reply.structured).not.toHaveProperty('load1');
  expect(reply.structured).not.toHaveProperty('memoryFreeBytes');
});

test('says that it may not see everybody', async () => {
  bench.put('5/stat', STAT(5, 'mine', 'S', 0), join(bench.rig.folder, 'hidden'));
  const reply = await look(join(bench.rig.folder, 'hidden'));

  expect(rows(reply, 'notChecked')).toContainEqual({
    what: 'processes of other users',
    why: 'hidden',
  });
});

test('finds a busy process of this machine', async () => {
  const busy = spawn(process.execPath, ['-e', 'for(;;){}'], { stdio: 'ignore' });
  try {
    const processes = rows(await look('/proc', { top: 500 }), 'processes');
    const found = processes.find(({ pid }) => pid === busy.pid);
    expect(found).toMatchObject({ ppid: process.pid });
    expect(found?.['cpuPercent']).toBeGreaterThan(0);
  } finally {
    busy.kill('SIGKILL');
  }
});
