import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusals } from '#services/tools/gate/refusals.ts';
import { TestLog } from '../log.ts';
import { logger, OTHER_SESSION, SESSION } from '../world.ts';

let log: TestLog;
let refusals: Refusals;
beforeEach(() => {
  log = new TestLog();
  refusals = new Refusals(log.peer, logger, 20);
});
afterEach(() => refusals[Symbol.asyncDispose]());

const check = 'TOOLS_NOT_ALLOWED';
const intent = 'a'.repeat(64);

test('the first of a kind is recorded at once, with its intent', async () => {
  refusals.count({ session: SESSION, check, intent });
  await sleep(1);

  expect(log.events('refusal')).toEqual([
    { kind: 'refusal', session: SESSION, check, intent, count: 1 },
  ]);
});

test('a flood is one entry and then one for each interval, and none is lost', async () => {
  for (let at = 0; at < 1000; at += 1) refusals.count({ session: SESSION, check, intent });
  await expect.poll(() => log.events('refusal').map(({ count }) => count)).toEqual([1, 999]);

  expect(log.events('refusal')[1]).not.toHaveProperty('intent');
  expect(refusals.total).toBe(1000);
});

test('checks and sessions are counted apart', async () => {
  refusals.count({ session: SESSION, check });
  refusals.count({ session: OTHER_SESSION, check });
  refusals.count({ session: SESSION, check: 'TOOLS_EXPIRED' });
  await sleep(1);

  expect(log.events('refusal').map(({ count }) => count)).toEqual([1, 1, 1]);
});

test('what the log did not take is told later', async () => {
  log.failures.push({ kind: 'refusal', code: 'PEER_UNREACHABLE' });
  refusals.count({ check });
  refusals.count({ check });

  await expect.poll(() => log.events('refusal').map(({ count }) => count)).toEqual([2]);
});

test('what was counted since the last entry is told when the service stops', async () => {
  await using stopping = new Refusals(log.peer, logger);
  for (let at = 0; at < 5; at += 1) stopping.count({ session: SESSION, check });
  await stopping[Symbol.asyncDispose]();

  expect(log.events('refusal').map(({ count }) => count)).toEqual([1, 4]);
});

test('more kinds than are kept are counted without their session', async () => {
  await using patient = new Refusals(log.peer, logger);
  for (let at = 0; at < 1100; at += 1) {
    patient.count({ session: `s-${at.toString(16).padStart(32, '0')}`, check });
  }
  await expect.poll(() => log.events('refusal').length).toBe(1001);

  expect(log.events('refusal').filter(({ session }) => session === undefined)).toHaveLength(1);
});
