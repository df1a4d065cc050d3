import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAlive, reapedMs, sampleSandbox } from '#appliance/sandbox/supervisor/processes.ts';

test('outside a sandbox nothing is counted: these processes are not its own', () => {
  expect(sampleSandbox(process.pid, 100)).toBeUndefined();
});

test('a sandbox that is over is not counted', () => {
  expect(sampleSandbox(2 ** 22 - 1, 100)).toBeUndefined();
});

test('a process is alive until it ends, waited for or not', async () => {
  const child = spawn('sh', ['-c', 'sleep 0 & exec sleep 100']);
  expect(isAlive(child.pid ?? 0)).toBe(true);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(child.pid ?? 0)).toBe(false);
});

test('the time of children that ended is known', async () => {
  const before = reapedMs();
  const child = spawn(process.execPath, [
    '-e',
    'const end = Date.now() + 100; while (Date.now() < end);',
  ]);
  await once(child, 'exit');
  await sleep(0);

  expect(reapedMs()).toBeGreaterThan(before);
});
