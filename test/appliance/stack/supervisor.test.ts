import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceEntry, services } from '@physiclaw/machine';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Supervisor } from '../../../appliance/stack/supervisor.ts';

const READY = 'echo READY=1 >&3; exec sleep 60';
let folder = '';
let stack: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
});

afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('it is started when every service said that it is ready', async () => {
  open({ audit: READY, policy: `echo STATUS=waiting for audit >&3; ${READY}` });
  await start();

  expect(stack.services).toMatchObject({
    audit: { state: 'ready', restarts: 0 },
    policy: { state: 'ready', restarts: 0 },
  });
  expect(stack.services['policy']).not.toHaveProperty('waitingFor');
});

test('who is not ready in time is named, with what it waits for', async () => {
  open({
    audit: READY,
    policy: 'echo "STATUS=waiting for audit" >&3; exec sleep 60',
    tools: 'exec sleep 60',
  });

  await expect(start()).rejects.toMatchObject({
    code: 'STACK_START_FAILED',
    message: 'not ready after 0.5 s: policy waits for audit; tools is starting',
  });
});

test('words of a pipe that mean nothing change nothing', async () => {
  open({ audit: `printf 'READY=2\\nWATCHDOG=1\\n=\\n' >&3; ${READY}` });
  await start();

  expect(stack.services).toMatchObject({ audit: { state: 'ready' } });
});

test('a start that is called off says by whom', async () => {
  open({ audit: 'exec sleep 60' });
  const stop = new AbortController();
  const started = stack.start(stop.signal);
  stop.abort(new Error('the caller has gone'));

  await expect(started).rejects.toThrow('the caller has gone');
  await expect(stack.start(stop.signal)).rejects.toThrow('the caller has gone');
});

test('a service that fails three times ends the start; one that is killed does not', async () => {
  open({ audit: 'echo broken >&2; exit 1' });
  await expect(start(5000)).rejects.toThrow(
    'audit ended 3 times before it was ready; its log ends so:\nbroken',
  );

  await stack[Symbol.asyncDispose]();
  const counter = join(folder, 'count');
  open({ audit: `echo x >> ${counter}; [ $(wc -l < ${counter}) -gt 3 ] || kill -9 $$; ${READY}` });
  await start(5000);
  expect(stack.services).toMatchObject({ audit: { state: 'ready', restarts: 3 } });
});

test('a program that is missing is a start that failed', async () => {
  open({});
  stack = supervise([named('audit')], () => ['/nowhere']);

  await expect(start(5000)).rejects.toMatchObject({ code: 'STACK_START_FAILED' });
});

test('whoever is called by others ends after them', async () => {
  const ended = join(folder, 'ended');
  const script = (name: string) =>
    `trap 'echo ${name} >> ${ended}; exit' TERM; echo READY=1 >&3; while :; do sleep 0.01; done`;
  const names = ['audit', 'policy', 'tools', 'agent', 'gateway'];
  open(Object.fromEntries(names.map((name) => [name, script(name)])));
  await start();
  await stack[Symbol.asyncDispose]();

  expect(readFileSync(ended, 'utf8').trim().split('\n')).toEqual(names.toReversed());
});

test('what lies where a service listens is removed before it starts', async () => {
  const socket = join(folder, 'audit.sock');
  writeFileSync(socket, '');
  open({ audit: `[ -e ${socket} ] || ${READY}` });
  await start();

  expect(existsSync(socket)).toBe(false);
});

test('whoever starts a service is told of its process before it is ready', async () => {
  const onStart = vi.fn<(service: string) => void>();
  open({ audit: READY }, onStart);
  await start();

  expect(onStart).toHaveBeenCalledExactlyOnceWith('audit', {
    pid: stack.services['audit']?.pid,
    startTime: stack.services['audit']?.startTime,
  });
});

function open(scripts: Record<string, string>, onStart?: (service: string) => void): void {
  const entries = Object.keys(scripts).map(named);
  stack = supervise(entries, ({ name }) => ['/bin/sh', '-c', scripts[name] ?? ''], onStart);
}

function named(name: string): ServiceEntry {
  const entry = services.find((service) => service.name === name);
  if (entry === undefined) throw new Error(`expected a service, got ${name}`);
  return entry;
}

let patienceMs = 500;

function supervise(
  entries: ServiceEntry[],
  command: (entry: ServiceEntry) => string[],
  onStart?: (service: string) => void,
): Supervisor {
  return new Supervisor({
    services: entries,
    launch: (entry) => ({
      command: command(entry),
      environment: {},
      isOffline: false,
      sockets: [join(folder, `${entry.name}.sock`)],
      logFile: join(folder, `${entry.name}.log`),
    }),
    onChange: () => undefined,
    ...(onStart && { onStart }),
    get patienceMs() {
      return patienceMs;
    },
  });
}

function start(patience = 500): Promise<void> {
  patienceMs = patience;
  return stack.start(new AbortController().signal);
}
