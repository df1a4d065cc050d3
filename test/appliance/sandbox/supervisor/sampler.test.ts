import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { Sampler } from '#appliance/sandbox/supervisor/sampler.ts';
import { until } from '../marked.ts';

const limits = {
  cpuSeconds: 1,
  memoryBytes: 1024 ** 3,
  processes: 10,
  outputBytes: 1,
  wallSeconds: 1,
};
let sandbox: ChildProcess | undefined;
afterEach(() => {
  sandbox?.kill('SIGKILL');
  vi.useRealTimers();
});

function readable(pipe: unknown): Readable {
  if (pipe instanceof Readable) return pipe;
  throw new TypeError('expected a pipe');
}

/** A sandbox in which so many processes sleep; resolves with the number of its first one. */
async function sleepers(count: number): Promise<number> {
  const base = ['/usr /usr', '/bin /bin', '/lib /lib', '/lib64 /lib64'].flatMap((pair) => [
    '--ro-bind',
    ...pair.split(' '),
  ]);
  const options = [
    '--unshare-all',
    '--die-with-parent',
    '--as-pid-1',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    ...base,
  ];
  const command = ['/bin/sh', '-c', `${'sleep 100 & '.repeat(count - 1)} wait; sleep 100`];
  sandbox = spawn('/usr/bin/bwrap', ['--json-status-fd', '3', ...options, ...command], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [line] = await once(createInterface({ input: readable(sandbox.stdio[3]) }), 'line');
  return JSON.parse(String(line))['child-pid'];
}

test('counts the processes of the sandbox and no others', async () => {
  const sampler = new Sampler(limits);
  sampler.admit(await sleepers(3));
  await until(() => sampler.reached() === undefined && sampler.usage().memoryBytes > 0);

  expect(sampler.reached()).toBeUndefined();
  expect(sampler.released()).toBe(false);
});

test('as many processes as the limit are a limit reached', async () => {
  const sampler = new Sampler(limits);
  sampler.admit(await sleepers(limits.processes));

  expect(await until(() => sampler.reached() === 'processes')).toBeGreaterThanOrEqual(0);
});

test('more memory than the limit is a limit reached', async () => {
  const sampler = new Sampler({ ...limits, memoryBytes: 1 });
  sampler.admit(await sleepers(2));

  expect(await until(() => sampler.reached() === 'memory')).toBeGreaterThanOrEqual(0);
});

test('a sandbox that cannot be watched is told after two seconds', () => {
  vi.useFakeTimers();
  const sampler = new Sampler(limits);
  sampler.admit(process.pid);
  expect(sampler.reached()).toBeUndefined();

  vi.advanceTimersByTime(2001);
  expect(sampler.reached()).toBe('unwatched');
});
