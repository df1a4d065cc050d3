import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BootTime } from '@physiclaw/contracts';
import { bootClock } from '@physiclaw/platform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FollowedLease, type LeaseOptions } from '#services/tools/lease/lease.ts';
import { logger } from '../world.ts';

let folder: string;
let killFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lease-'));
  killFile = join(folder, 'kill');
});
afterEach(() => rmSync(folder, { recursive: true }));

type Renewal = { killed: boolean; seconds: number };
const open = (follow: LeaseOptions['follow']) =>
  new FollowedLease({ follow, killFile, log: logger });

/** A stream of these renewals that then stays open. */
const saying = (...renewals: Renewal[]): LeaseOptions['follow'] =>
  async function* follow(signal) {
    yield* renewals;
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
  };

test('is live as long as it was renewed for', async () => {
  await using lease = open(saying({ killed: false, seconds: 0.05 }));
  await expect.poll(() => lease.until).toBeDefined();

  await sleep(80);
  expect(lease.halt).toBe('lease');
});

test('is not live before the first renewal, nor after its end', async () => {
  const lease = open(saying({ killed: false, seconds: 2 }));
  expect(lease.halt).toBe('lease');
  await expect.poll(() => lease.halt).toBeUndefined();
  await lease[Symbol.asyncDispose]();

  expect(lease.halt).toBe('lease');
});

test('a kill ends it at once, and whoever listens is told', async () => {
  const heard: BootTime[] = [];
  await using lease = open(async function* follow() {
    await sleep(1);
    yield* [
      { killed: false, seconds: 2 },
      { killed: true, seconds: 2 },
    ];
    await sleep(50);
  });
  lease.onRenewal((until) => heard.push(until));
  await expect.poll(() => heard.length).toBeGreaterThan(1);

  expect(lease.halt).toBe('lease');
  expect(heard[1]?.seconds).toBeLessThanOrEqual(bootClock().seconds);
});

test('no renewal lasts longer than two seconds, whatever policy says', async () => {
  await using lease = open(saying({ killed: false, seconds: 1e9 }));
  await expect.poll(() => lease.until).toBeDefined();

  expect(lease.until?.seconds).toBeLessThanOrEqual(bootClock().seconds + 2);
});

test('the kill file ends it while it is renewed', async () => {
  await using lease = open(saying({ killed: false, seconds: 2 }));
  await expect.poll(() => lease.halt).toBeUndefined();
  writeFileSync(killFile, '');

  expect(lease.halt).toBe('kill');
});

test('is followed for ever, over ends and errors of the stream', async () => {
  let calls = 0;
  await using lease = open(async function* follow() {
    calls += 1;
    await Promise.resolve();
    if (calls === 1) throw new Error('unreachable');
    if (calls > 2) yield { killed: false, seconds: 2 };
  });

  await expect.poll(() => lease.halt, { timeout: 2000 }).toBeUndefined();
});

test('who stopped listening is not told any more', async () => {
  let heard = 0;
  const renewals = Array.from({ length: 3 }, () => ({ killed: false, seconds: 2 }));
  await using lease = open(saying(...renewals));
  lease.onRenewal(() => (heard += 1))[Symbol.dispose]();
  await expect.poll(() => lease.halt).toBeUndefined();

  expect(heard).toBe(0);
});
