import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { memoryOf, placesOf, readState, type StackState, stopStack } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isAlive } from '../../../appliance/stack/process-table.ts';
import { DAEMON, House } from './house.ts';

const { waitFor } = vi;
let house: House;

beforeEach(async () => {
  house = await House.open();
});

afterEach(() => house[Symbol.asyncDispose]());

test('every service becomes ready, and the stack says so until it is stopped', async () => {
  const steps: string[] = [];
  const state = await house.up({
    onProgress: ({ audit }) => steps.push(String(audit?.state)),
  });

  expect(Object.values(state.services).map((one) => one.state)).toEqual(Array(5).fill('ready'));
  expect([steps.at(0), steps.at(-1)]).toEqual(['starting', 'ready']);
  expect(state).toMatchObject({ port: house.port, keyProvider: 'file', home: house.home });
  expect(state.wallMs).toBeLessThan(10_000);
  expect(state.cpuSeconds).toBeGreaterThan(0.05);
  expect(memoryOf(state)).toBeGreaterThan(50_000_000);
  expect(readState(house.home)).toMatchObject({ pid: state.pid, readyAt: state.readyAt });
  expect(existsSync(placesOf(house.home).run)).toBe(true);

  expect(await stopStack(house.home)).toBe(true);
  expectNothingLeft(state);
  expect(await stopStack(house.home)).toBe(false);
});

test('a second stack of the same home is refused, and the first goes on', async () => {
  const { pid } = await house.up();

  await expect(house.up()).rejects.toMatchObject({ code: 'STACK_RUNNING' });
  expect(readState(house.home)).toMatchObject({ pid });
});

test('a service that ended is started again, and identity is told of it', async () => {
  const { services } = await house.up();
  const before = Number(services['audit']?.pid);
  process.kill(before, 'SIGKILL');
  const { audit } = await settled((state) => state.services['audit']?.restarts === 1);

  expect(audit).toMatchObject({ state: 'ready', restarts: 1 });
  expect(audit?.pid).not.toBe(before);
  await waitFor(() => expect(house.tables().at(-1)).toMatchObject({ audit: audit?.pid }));
});

test('identity knows all children when it was started again itself', async () => {
  const { services } = await house.up();
  process.kill(Number(services['identity']?.pid), 'SIGKILL');
  const { identity, tools } = await settled((state) => state.services['identity']?.restarts === 1);

  await waitFor(() =>
    expect(house.tables().at(-1)).toMatchObject({ identity: identity?.pid, tools: tools?.pid }),
  );
});

test('pauses between restarts grow while a service keeps ending', async () => {
  house.program(
    'policy',
    `${readFileSync(DAEMON, 'utf8')}
    setTimeout(() => process.exit(1), 20);`,
  );
  const began = Date.now();
  await house.up();
  await settled(({ services }) => Number(services['policy']?.restarts) >= 4);

  // 0.1 + 0.2 + 0.4 + 0.8 s.
  expect(Date.now() - began).toBeGreaterThan(1400);
});

test('no service outlives the stack, however it ends, and the next start finds its way', async () => {
  const state = await house.up();
  process.kill(state.pid, 'SIGKILL');

  await waitFor(() => expect(alivePids(state)).toEqual([]), { timeout: 5000 });
  expect(readState(house.home)).toBeUndefined();
  const again = await house.up();
  expect(again.pid).not.toBe(state.pid);
});

test('a stack that was killed leaves nothing behind once it is stopped', async () => {
  const state = await house.up();
  process.kill(state.pid, 'SIGKILL');
  await waitFor(() => expect(readState(house.home)).toBeUndefined());

  expect(await stopStack(house.home)).toBe(false);
  expectNothingLeft(state);
});

test('a service that does not answer is ended all the same', { timeout: 20_000 }, async () => {
  const state = await house.up();
  process.kill(Number(state.services['audit']?.pid), 'SIGSTOP');

  expect(await stopStack(house.home)).toBe(true);
  expectNothingLeft(state);
});

test('a service that fails is named with the end of its log, and nothing is left', async () => {
  house.program('policy', `process.stderr.write('rules: expected Cedar'); process.exit(3);`);

  await expect(house.up()).rejects.toMatchObject({
    code: 'STACK_START_FAILED',
    message: expect.stringMatching(/^policy ended 3 times .*\n.*rules: expected Cedar/),
  });
  expect(existsSync(placesOf(house.home).run)).toBe(false);
});

test('a configuration with faults is refused with their places', async () => {
  await house.up();
  await stopStack(house.home);
  const { config } = placesOf(house.home);
  writeFileSync(config, 'gateway:\n  prot: 1\n');

  await expect(house.up({ port: undefined })).rejects.toMatchObject({
    message: expect.stringContaining(`${config}:2:3: unknown key gateway.prot`),
  });
});

test('a busy port is named with its owner before anything is started', async () => {
  const server = createServer().listen(house.port, '127.0.0.1');
  await once(server, 'listening');

  await expect(house.up()).rejects.toMatchObject({
    code: 'STACK_PORT_BUSY',
    message: expect.stringContaining(`pid ${process.pid}`),
  });
  server.close();
  expect(readdirSync(house.home)).toEqual(['logs']);
});

test('a build that is not there is refused', async () => {
  await expect(house.up({ dist: join(house.folder, 'none') })).rejects.toMatchObject({
    code: 'STACK_BUILD_MISSING',
  });
});

test('a trust domain is fixed by the first start', async () => {
  await house.up();
  await stopStack(house.home);
  writeFileSync(placesOf(house.home).config, 'trustDomain: other.example\n');

  await expect(house.up()).rejects.toMatchObject({ message: expect.stringContaining('anchors') });
});

test('the stack ends with a caller who ends while it starts', async () => {
  house.program('tools', 'setInterval(() => {}, 1000);');
  const { home, dist, node, services, port } = house;
  const options = JSON.stringify({ home, dist, node, services, port });
  const caller = spawn(node, [join(dist, 'driver.js'), 'start', options], { stdio: 'ignore' });
  const running = await settledState(({ services: all }) => all['audit']?.state === 'ready');
  caller.kill('SIGKILL');

  await waitFor(() => expect(readState(home)).toBeUndefined(), { timeout: 5000 });
  await waitFor(() => expect(alivePids(running)).toEqual([]));
});

test('logs go on over starts, each service in its own', async () => {
  await house.up();
  await stopStack(house.home);
  const size = statSync(join(house.home, 'logs/audit.log')).size;
  await house.up();

  expect(statSync(join(house.home, 'logs/audit.log')).size).toBeGreaterThan(size);
});

async function settled(when: (state: StackState) => boolean) {
  return (await settledState((state) => when(state) && allReady(state))).services;
}

function settledState(when: (state: StackState) => boolean): Promise<StackState> {
  const look = () => {
    const state = readState(house.home);
    if (state === undefined || !when(state)) throw new Error('not yet');
    return state;
  };
  return waitFor(look, { timeout: 10_000, interval: 20 });
}

function allReady({ services }: StackState): boolean {
  return Object.values(services).every(({ state }) => state === 'ready');
}

function alivePids({ services }: StackState): number[] {
  return Object.values(services).flatMap(({ pid = 0, startTime = '' }) =>
    isAlive({ pid, startTime }) ? [pid] : [],
  );
}

function expectNothingLeft(state: StackState): void {
  expect(alivePids(state)).toEqual([]);
  expect(readState(house.home)).toBeUndefined();
  expect([state.run, ...state.cgroupFolders].filter((path) => existsSync(path))).toEqual([]);
}
