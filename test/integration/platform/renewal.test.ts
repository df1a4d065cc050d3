import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { echo, renewable, say, serveEcho, trustDomain } from '#test/appliance/platform/echo.ts';

const LIFETIME_MS = 4000;
const SECONDS = Number(process.env['RENEWAL_SECONDS'] ?? 9);

test('no question is dropped while SVIDs of 4 s are renewed at half-life', async () => {
  const server = await renewable('echo', { lifetimeMs: LIFETIME_MS });
  const client = await renewable('friend', { lifetimeMs: LIFETIME_MS });
  await using service = await serveEcho({ svid: server.holder });
  using peer = new Peer(echo, { socket: service.socket, svid: client.holder, trustDomain });
  const stop = new AbortController();
  const renewing = [server, client].map(async ({ renew }) => {
    while (!stop.signal.aborted) {
      await sleep(LIFETIME_MS / 2);
      await renew();
    }
  });
  const until = performance.now() + SECONDS * 1000;
  const asking = async (pauseMs: number, asked = 0): Promise<number> => {
    for (; performance.now() < until; asked += 1) {
      await peer.ask(say, { words: 'hi' });
      await sleep(pauseMs);
    }
    return asked;
  };

  // Busy connections, and such that lie idle across a renewal.
  const asked = await Promise.all([0, 0, 10, 700, 1900, 3500].map((pause) => asking(pause)));
  stop.abort();
  await Promise.all(renewing);
  expect(Math.min(...asked)).toBeGreaterThan(2);
  expect(service.lines).toEqual([]);
}, 120_000);
