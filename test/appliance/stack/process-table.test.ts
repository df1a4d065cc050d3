import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import {
  cpuSecondsOf,
  isAlive,
  memoryOfProcesses,
  nameProcess,
  packetsSent,
  pidsOfMachine,
  signal,
} from '../../../appliance/stack/process-table.ts';

const NOBODY = 2 ** 22 + 1;
const started: ReturnType<typeof spawn>[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

test('this process is alive under its name, and not under that of one before it', () => {
  const self = named(process.pid);

  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTime: '1' })).toBe(false);
});

test('there is no name for what does not run', () => {
  expect(nameProcess(NOBODY)).toBeUndefined();
});

test('a process that ended is not alive while nobody has waited for it', async () => {
  // The shell becomes a program that never waits for the child that it began with.
  const child = start('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60']);
  const [text] = await once(child.stdout ?? child, 'data');
  const zombie = named(Number(String(text)));
  const stat = () => readFileSync(`/proc/${zombie.pid}/stat`, 'utf8');

  await vi.waitFor(() => expect(stat()).toMatch(/\) Z /));
  expect(isAlive(zombie)).toBe(false);
});

test('a program whose name looks like the rest of the line is read rightly', async () => {
  const child = start('bash', ['-c', 'printf ") R 1 1" > /proc/self/comm; echo; read']);
  await once(child.stdout ?? child, 'data');
  const name = named(child.pid ?? 0);

  expect(Number(name.startTime)).toBeGreaterThanOrEqual(Number(named(process.pid).startTime));
  expect(isAlive(name)).toBe(true);
});

test('a signal reaches exactly the process that was named', async () => {
  const child = start('sleep', ['60']);
  const name = named(child.pid ?? 0);
  const ended = once(child, 'exit');

  expect(signal({ ...name, startTime: '1' }, 'SIGKILL')).toBe(false);
  expect(isAlive(name)).toBe(true);
  expect(signal(name, 'SIGKILL')).toBe(true);
  await ended;
  expect(signal(name, 'SIGKILL')).toBe(false);
});

test('CPU seconds are those of the processes together', () => {
  const own = cpuSecondsOf([process.pid]);

  expect(own).toBeGreaterThan(0);
  expect(cpuSecondsOf([process.pid, process.pid])).toBeGreaterThanOrEqual(2 * own);
  expect(cpuSecondsOf([NOBODY])).toBe(0);
});

test('memory is the sum of what each has for itself; who ended has none', () => {
  const own = memoryOfProcesses([process.pid]) ?? 0;

  expect(own).toBeGreaterThan(10_000_000);
  expect(memoryOfProcesses([NOBODY])).toBe(0);
  expect(memoryOfProcesses([process.pid, NOBODY])).toBeGreaterThan(own / 2);
});

test('packets over the loopback interface are not counted as sent', () => {
  const count = packetsSent();

  expect(Number.isInteger(count)).toBe(true);
  expect(count).toBeGreaterThanOrEqual(0);
});

test('the processes of this machine include this one', () => {
  expect(pidsOfMachine()).toContain(process.pid);
});

function start(program: string, args: string[]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  started.push(child);
  return child;
}

function named(pid: number) {
  const name = nameProcess(pid);
  if (name === undefined) throw new Error(`expected process ${pid} to run`);
  return name;
}
