import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readState } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../e2e/stack.ts';
import { unroutable } from './kernel-counts.ts';
import { type Ended, openTrap, type Trap } from './trap.ts';

const CANARY = fileURLToPath(new URL('canary.mjs', import.meta.url));
const NOTHING = { lookups: 0, connections: 0, datagrams: 0, packets: 0, unroutable: 0 };
const Report = z.object({ numPassedTests: z.int(), numTotalTests: z.int() });
const LONG_MS = 320_000;

const cleanUp = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'egress-'));
cleanUp.defer(() => rmSync(folder, { recursive: true }));
let trap: Trap;
beforeAll(async () => {
  trap = cleanUp.use(await openTrap());
});
afterAll(() => cleanUp.disposeAsync());

// The tests are one run: what the canaries are counted by is what counted nothing before.
test(
  'make up and its first turn send nothing',
  async () => {
    const home = join(folder, 'home');
    // npm keeps here when it last asked for news of itself: with an empty folder it is due.
    const environment = { PHYSICLAW_HOME: home, npm_config_cache: join(folder, 'npm') };
    const port = String(await freePort());
    const installed = '--assume-old=node_modules/.ready';
    const up = await trap.run(['make', installed, 'up', `PORT=${port}`], environment);
    const services = Object.entries(readState(home)?.services ?? {});
    const attempts = services.map(([service, { pid = 0 }]) => [service, attemptsOf(pid)]);
    const down = await trap.run(['bin/physiclaw', 'down'], environment);

    expect(complaintOf(up)).toBe('');
    expect(up.out).toContain('done');
    expect(down.code).toBe(0);
    expect(services).toHaveLength(7);
    // Those without a network are in name spaces of their own, where a packet finds no route.
    expect(attempts.filter(([, count]) => count !== 0)).toEqual([]);
    expect(await trap.counts()).toEqual(NOTHING);
  },
  LONG_MS,
);

test(
  'the end-to-end tests pass and send nothing',
  async () => {
    const vitest = 'node_modules/vitest/vitest.mjs';
    const report = join(folder, 'report.json');
    const options = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
    const ended = await trap.run([process.execPath, vitest, 'run', 'test/e2e', ...options]);
    const counts = await trap.counts();
    const { numPassedTests, numTotalTests } = Report.parse(
      JSON.parse(readFileSync(report, 'utf8')),
    );
    process.stdout.write(
      `egress: ${numPassedTests} end-to-end tests, ${counts.packets} packets, ${counts.lookups} look-ups\n`,
    );

    expect(complaintOf(ended)).toBe('');
    expect(numPassedTests).toBeGreaterThan(0);
    expect(numPassedTests).toBe(numTotalTests);
    expect(counts).toEqual(NOTHING);
  },
  LONG_MS,
);

test('a look-up from the same name space is counted once', async () => {
  const canary = await trap.run([process.execPath, CANARY, 'name']);
  const counts = await trap.counts();
  process.stdout.write(`egress: canary: ${counts.packets} packets, ${counts.lookups} look-ups\n`);

  expect(canary.out).toContain('198.51.100.7');
  expect(counts).toEqual({ ...NOTHING, lookups: 1, packets: 1 });
});

test('a connection from the same name space is accepted and counted once', async () => {
  const canary = await trap.run([process.execPath, CANARY, 'connection']);
  const { lookups, connections, packets } = await trap.counts();

  expect(canary.code).toBe(0);
  expect({ lookups, connections }).toEqual({ lookups: 1, connections: 1 });
  expect(packets).toBeGreaterThan(1);
});

/** What a program said that did not end well. */
function complaintOf({ code, out }: Ended): string {
  return code === 0 ? '' : `exit ${code}: ${out}`;
}

/** What a process and its neighbours in the network tried to send where nothing leads. */
function attemptsOf(pid: number): number {
  return ['snmp', 'snmp6'].reduce(
    (sum, file) => sum + unroutable(readFileSync(`/proc/${pid}/net/${file}`, 'utf8')),
    0,
  );
}
