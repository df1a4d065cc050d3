import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { audit, identity, LogEntry } from '@physiclaw/contracts';
import { fixedSvid, Peer, type SvidSource } from '@physiclaw/platform';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { echo } from './echo.ts';
import { startSmallStack, trustDomain } from './small-stack.ts';

const SECONDS = Number(process.env['RENEWAL_SECONDS'] ?? 60);
const LIFETIME = 4;
const CALLERS = 8;
const TICK_MS = 50;

let stack: Awaited<ReturnType<typeof startSmallStack>>;
beforeAll(async () => {
  stack = await startSmallStack(LIFETIME);
  // Its socket is there a moment after its process: before that nothing is dropped, it is not there.
  using peer = peerOf(stack.svid);
  await vi.waitFor(() => peer.ask(echo.calls.say, { words: 'first' }), { timeout: 20_000 });
});
afterAll(async () => stack[Symbol.asyncDispose]());

const peerOf = (svid: SvidSource) =>
  new Peer(echo, { socket: join(stack.run, 'echo.sock'), svid, trustDomain });

/** Asks without a pause but for a breath, until the time is over; what failed goes on the list. */
async function askUntil(peer: Peer, end: number, failures: unknown[]): Promise<number> {
  let asked = 0;
  for (; Date.now() < end; asked += 1) {
    const words = `number ${asked}`;
    try {
      const reply = await peer.ask(echo.calls.say, { words });
      if (reply.words !== words) failures.push(reply);
    } catch (error) {
      failures.push(error);
    }
    await sleep(2);
  }
  return asked;
}

/** How many numbers came in order on one stream that outlives the SVIDs it began with. */
async function listenUntil(peer: Peer, end: number, failures: unknown[]): Promise<number> {
  let heard = 0;
  try {
    for await (const { number } of peer.follow(echo.calls.count, { everyMs: TICK_MS })) {
      if (number !== heard) failures.push({ number, heard });
      heard += 1;
      if (Date.now() >= end) return heard;
    }
    failures.push('the stream ended');
  } catch (error) {
    failures.push(error);
  }
  return heard;
}

/** How many SVIDs of each workload the log knows of. */
async function issuedInLog(): Promise<Map<string, number>> {
  using log = new Peer(audit, {
    socket: join(stack.run, 'audit.sock'),
    svid: stack.svid,
    trustDomain,
  });
  const issued = new Map<string, number>();
  for (let from = 0, size = 1; from < size;) {
    const page = await log.ask(audit.calls.entries, { from, count: 256 });
    for (const text of page.entries) {
      const { event } = LogEntry.parse(JSON.parse(text)).unmapped;
      if (event.kind !== 'svid') continue;
      issued.set(event.workload, (issued.get(event.workload) ?? 0) + 1);
    }
    from += page.entries.length;
    ({ size } = page);
  }
  return issued;
}

test(
  `renewal at a lifetime of ${LIFETIME} s drops no request in ${SECONDS} s`,
  async () => {
    let renewals = 0;
    const counting = stack.svid.onChange(() => (renewals += 1));
    using peer = peerOf(stack.svid);
    const failures: unknown[] = [];
    const end = Date.now() + SECONDS * 1000;
    const [heard, ...asked] = await Promise.all([
      listenUntil(peer, end, failures),
      ...Array.from({ length: CALLERS }, async () => askUntil(peer, end, failures)),
    ]);
    counting[Symbol.dispose]();
    const requests = asked.reduce((sum, count) => sum + count, 0);
    const issued = await issuedInLog();

    process.stdout.write(
      `renewal: ${requests} requests, ${failures.length} dropped, ${renewals} renewals of the client in ${SECONDS} s\n`,
    );
    expect(failures).toEqual([]);
    // What was counted was under load, and lived through renewals on both sides.
    const least = Math.floor(SECONDS / LIFETIME);
    expect(requests).toBeGreaterThan(SECONDS * 50);
    expect(heard).toBeGreaterThan((SECONDS * 1000) / TICK_MS / 4);
    expect(renewals).toBeGreaterThanOrEqual(least);
    for (const service of ['gateway', 'echo', 'audit', 'identity']) {
      expect(issued.get(`spiffe://${trustDomain}/${service}`)).toBeGreaterThanOrEqual(least);
    }
  },
  (SECONDS + 30) * 1000,
);

test('without renewal requests are dropped: the count above can see it', async () => {
  using peer = peerOf(fixedSvid(await stack.svid.current()));
  const failures: unknown[] = [];
  await askUntil(peer, Date.now() + (LIFETIME + 1) * 1000, failures);

  expect(failures.length).toBeGreaterThan(0);
}, 20_000);

test('the log was told of every SVID, and is owed none', async () => {
  using peer = new Peer(identity, {
    socket: join(stack.run, 'identity.sock'),
    svid: stack.svid,
    trustDomain,
  });
  const { issued, journaled } = await peer.ask(identity.calls.status, {});
  const known = [...(await issuedInLog()).values()].reduce((sum, count) => sum + count, 0);

  expect(journaled).toBe(0);
  expect(known).toBeGreaterThanOrEqual(issued);
});
