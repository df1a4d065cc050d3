import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readState } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Stack, startStack } from './stack.ts';

const Requests = z.array(z.object({ request: z.string() }));

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Processes with this word on their command line, as the kernel lists them. */
function running(word: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0] === 'sleep' && words[1] === word;
    } catch {
      // Gone meanwhile.
      return false;
    }
  });
}

/** Starts `sleep` in a sandbox, approved, under a number that no other process has. */
async function sleepInSandbox(): Promise<string> {
  const word = `9${randomInt(1_000_000)}.5`;
  const waits = await stack.cli('call', 'exec', '--', 'sleep', word);
  expect(waits.code).toBe(6);
  const [pending] = Requests.parse((await stack.json('approvals', 'list')).value);
  await stack.cli('approvals', 'approve', pending?.request ?? '');
  await until(() => running(word).length > 0, 10_000);
  return word;
}

async function until(holds: () => boolean, ms: number): Promise<number> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > ms) throw new Error(`did not come to pass in ${ms} ms`);
    await setTimeout(20);
  }
  return performance.now() - began;
}

test('after kill nothing runs within two seconds, and nothing starts until resume', async () => {
  const word = await sleepInSandbox();

  expect(await stack.cli('kill')).toMatchObject({ code: 0 });
  await until(() => running(word).length === 0, 2000);
  const refused = await stack.cli('call', 'list_dir', '.');
  expect(refused.code).toBe(5);
  expect((await stack.cli('status')).out).toContain('KILLED');

  const resumed = await resume();
  expect(resumed.out).toContain('log entry');
  expect(await stack.cli('call', 'list_dir', '.')).toMatchObject({ code: 0 });
});

test('kill works with every service stopped', async () => {
  const word = await sleepInSandbox();
  const { services = {} } = readState(stack.home) ?? {};
  const pids = Object.values(services).flatMap(({ pid }) => pid ?? []);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    expect(await stack.cli('kill')).toMatchObject({ code: 0 });
    await until(() => running(word).length === 0, 2000);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }

  expect(pids).toHaveLength(7);
  expect(await resume()).toMatchObject({ code: 0 });
  expect(await stack.cli('call', 'list_dir', '.')).toMatchObject({ code: 0 });
});

test('a kill that would stop nothing says so, and leaves nothing behind', async () => {
  const nowhere = join(tmpdir(), `nowhere-${randomInt(1_000_000)}`);
  const { code, err } = await stack.cli('--home', nowhere, 'kill');

  expect(code).toBe(1);
  expect(err).toContain(`HOME_EMPTY: expected an appliance at ${nowhere}`);
  expect(existsSync(nowhere)).toBe(false);
});

test.each(['policy', 'tools'])('while %s hangs, not all is ready', async (service) => {
  const pid = readState(stack.home)?.services[service]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const { code, value } = await stack.json('status');
    expect(code).toBe(1);
    expect(value).toMatchObject({ running: true, ready: false });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await stack.json('status')).toMatchObject({ code: 0, value: { ready: true } });
});

/** The kill is noticed within a second; a person who is quicker is told that there is none yet. */
async function resume() {
  for (let tries = 0; tries < 20; tries += 1) {
    const told = await stack.cli('resume');
    if (!told.err.includes('NOT_KILLED')) return told;
    await setTimeout(200);
  }
  throw new Error('the kill was not noticed');
}
