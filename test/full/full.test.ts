import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { methods } from '@physiclaw/contracts';
import { placesOf, readState } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { signedInClient } from '#appliance/cli/session/sign-in.ts';
import { type Spoken, type Stack, startStack } from '../e2e/stack.ts';
import { openSmallDisk } from './small-disk.ts';

const LIFETIME_S = 6;
const config = `audit:
  reserveBytes: ${16 * 1024 * 1024}
identity:
  svidSeconds: ${LIFETIME_S}
`;

const cleanUp = new AsyncDisposableStack();
const disk = cleanUp.use(openSmallDisk(96));
let outside: string;
let stack: Stack;
/** Opened while there was room. */
let session: string;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'full-'));
  cleanUp.defer(() => rmSync(outside, { recursive: true }));
  stack = cleanUp.use(await startStack({ home: join(disk.path, 'home'), config }));
  ({ session } = await client().call('reserveSession', methods.reserveSession, {}));
  await client().call('openSession', methods.openSession, { session, entries: [] });
});
afterAll(() => {
  disk.empty();
  return cleanUp.disposeAsync();
});

const call = (): Promise<Spoken> => stack.cli('call', 'disk_usage');

test('with room a call is done', async () => {
  const { code, err } = await call();

  expect(err).toContain('done');
  expect(code).toBe(0);
});

test('on a full disk tools stop, and say that it is full', async () => {
  disk.fill();
  const anew = await call();
  const earlier = await refusalOf(session);
  // What the log gave back of its reserve for the sign-ins is taken too.
  disk.fill();
  const again = await refusalOf(session);

  expect(anew.code).toBe(1);
  expect(anew.err).toMatch(/^AUDIT_DISK_FULL: the disk of the log is full/);
  expect(earlier).toContain('DISK_FULL');
  expect(again).toContain('DISK_FULL');
  expect(await startedRuns()).toBe(1);
});

test('a person signs in with the device key, exports the log, and it verifies', async () => {
  disk.fill();
  const copy = join(outside, 'copy');
  const exported = await stack.cli('audit', 'export', copy);
  const vkey = ['--vkey', join(copy, 'log.vkey')];
  const verified = await stack.cli('audit', 'verify', join(copy, 'log'), ...vkey);

  expect(exported.code).toBe(0);
  expect(verified.out).toContain('sound');
});

test('SVIDs outlive their lifetime on a full disk', async () => {
  disk.fill();
  const before = pids();
  await sleep(LIFETIME_S * 2500);
  const { code, value } = await stack.json('status');

  // Every edge of the call graph behind these answers is mutual TLS.
  expect(Told.parse(value).status.silent).toEqual({});
  expect(code).toBe(0);
  expect(pids()).toEqual(before);
}, 60_000);

test('a person kills on a full disk', async () => {
  disk.fill();
  const { code } = await stack.cli('kill');
  const { value } = await stack.json('status');

  expect(code).toBe(0);
  expect(Told.parse(value).status.policy.killed).toMatch(/^k-/);
});

test('after space is made all continues, and the log has what was done meanwhile', async () => {
  const sizeWhileFull = (await logged()).length;
  disk.empty();
  const resumed = await stack.cli('resume');
  await expect.poll(async () => (await call()).code, { timeout: 15_000 }).toBe(0);
  const verified = await stack.cli('audit', 'verify');
  const whileFull = (await logged()).slice(0, sizeWhileFull);
  const count = (kind: string) => whileFull.filter((one) => one === kind).length;
  process.stdout.write(
    `full: recorded when space was made: ${count('sign-in')} sign-ins, ${count('svid')} SVIDs, ` +
      `${count('export')} export, ${count('kill')} kill; ${count('started')} run, from before\n`,
  );

  expect(resumed.code).toBe(0);
  expect(verified.out).toContain('sound');
  expect(whileFull).toEqual(expect.arrayContaining(['sign-in', 'export', 'kill', 'svid']));
  expect(await startedRuns()).toBeGreaterThan(1);
}, 60_000);

function client() {
  const { cliSocket, people } = placesOf(stack.home);
  return signedInClient(cliSocket, people);
}

/** With what a call in a session that was opened before is refused. */
async function refusalOf(opened: string): Promise<string> {
  try {
    return await askIn(opened);
  } catch (error) {
    return String(error);
  }
}

async function askIn(opened: string): Promise<string> {
  const task = { type: 'call', actuator: 'disk_usage', arguments: {} } as const;
  const asker = client();
  const { turn } = await asker.call('ask', methods.ask, { session: opened, task });
  for await (const { name, data } of asker.follow('follow', methods.follow, {
    session: opened,
    turn,
  })) {
    if (name === 'turn.failed') throw new Error(JSON.stringify(data));
    if (name === 'assistant.message') return 'answered';
  }
  throw new Error('the turn has no end');
}

function pids(): Record<string, number | undefined> {
  const services = Object.entries(readState(stack.home)?.services ?? {});
  return Object.fromEntries(services.map(([service, { pid }]) => [service, pid]));
}

const Told = z.object({
  status: z.object({
    policy: z.object({ killed: z.string().optional() }),
    silent: z.record(z.string(), z.string()),
  }),
});

const Event = z.object({ unmapped: z.object({ event: z.object({ kind: z.string() }) }) });

/** The kind of each entry of the log. */
async function logged(): Promise<string[]> {
  const { size } = await client().call('auditTail', methods.auditTail, { count: 1 });
  const kinds: string[] = [];
  while (kinds.length < size) {
    const asked = { from: kinds.length, count: 256 };
    const { entries } = await client().call('auditTail', methods.auditTail, asked);
    kinds.push(...entries.map((text) => Event.parse(JSON.parse(text)).unmapped.event.kind));
  }
  return kinds;
}

async function startedRuns(): Promise<number> {
  return (await logged()).filter((kind) => kind === 'started').length;
}
