import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearers, marked, sleeper, until } from './marked.ts';
import { openRig, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Supervisors of this rig, by the kernel's list of processes. */
function supervisors(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(`${rig.folder}/supervisor.js`))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('one supervisor waits ahead of its run, and each serves one run only', async () => {
  const [waiting] = supervisors();
  await rig.run('console.log(1)');
  const [next, ...others] = supervisors();

  expect(others).toEqual([]);
  expect(next).not.toBe(waiting);
});

test('a supervisor that was killed while it waited is replaced', async () => {
  for (const pid of supervisors()) process.kill(pid, 'SIGKILL');
  await until(() => supervisors().length === 0);
  // The kernel's list is ahead of the driver's by a turn of its loop.
  await sleep(100);

  expect((await rig.run('console.log(1)')).status).toBe('ok');
});

test('a run whose supervisor is killed ends with it, and has failed', async () => {
  const mark = marked();
  const waiting = supervisors();
  const run = rig.run(sleeper(mark));
  await until(() => bearers(mark) === 1);
  for (const pid of waiting) process.kill(pid, 'SIGKILL');

  expect(await run).toMatchObject({ status: 'failed', reason: 'supervisor' });
  await until(() => bearers(mark) === 0);
});
