import { once } from 'node:events';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Api } from '@physiclaw/contracts';
import { fixedSvid, Peer, startSpan, type Trace, withTrace } from '@physiclaw/platform';
import { afterEach, expect, test, vi } from 'vitest';
import { createAuthority } from './authority.ts';
import {
  authority,
  count,
  echo,
  friend,
  renewable,
  say,
  serveEcho,
  temporaryFolder,
  trustDomain,
} from './echo.ts';

afterEach(() => vi.useRealTimers().unstubAllEnvs());
const unreachable = { code: 'PEER_UNREACHABLE', statusCode: 503 };
const hi = { words: 'hi' };
const client = (socket: string, api: Api = echo) =>
  new Peer(api, { socket, svid: fixedSvid(friend), trustDomain });

/** A service that answers whatever it is told to. */
async function serveAnything(respond: Parameters<typeof createServer>[1]) {
  const folder = temporaryFolder();
  const socket = join(folder.path, 'echo.sock');
  const server = createServer({ ...(await authority.issue('echo')) }, respond).listen(socket);
  await once(server, 'listening');
  return {
    socket,
    [Symbol.dispose]() {
      server.close().closeAllConnections();
      folder[Symbol.dispose]();
    },
  };
}

test('a service that is not there cannot be reached', async () => {
  using folder = temporaryFolder();
  using peer = client(join(folder.path, 'nobody.sock'));

  const message = 'echo cannot be reached, or broke off (ENOENT): look at physiclaw status';
  const refused = { ...unreachable, message };
  await expect(peer.ask(say, hi)).rejects.toMatchObject(refused);
  await expect(peer.follow(count, { to: 1 }).next()).rejects.toMatchObject(refused);
});

test('a service that does not bear the name of the contract is not spoken to', async () => {
  await using service = await serveEcho();
  using peer = client(service.socket, { ...echo, service: 'audit' });

  await expect(peer.ask(say, hi)).rejects.toMatchObject({
    ...unreachable,
    cause: { message: expect.stringContaining('expected URI:spiffe://test.internal/audit') },
  });
});

test.each([
  [
    'a second name',
    [
      { type: 'url', value: 'spiffe://test.internal/echo' },
      { type: 'dns', value: 'localhost' },
    ],
  ],
  ['a name of another trust domain', [{ type: 'url', value: 'spiffe://other.internal/echo' }]],
] as const)('a service with %s is not spoken to', async (_what, names) => {
  const svid = fixedSvid(await authority.issue('echo', { names: [...names] }));
  await using service = await serveEcho({ svid });
  using peer = service.as();

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
});

test('a service of another authority is not spoken to', async () => {
  const foreign = await (await createAuthority(trustDomain)).issue('echo');
  await using service = await serveEcho({ svid: fixedSvid({ ...foreign, ca: friend.ca }) });
  using peer = service.as();

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
});

test('no environment variable switches the check of a service off', async () => {
  const stranger = await (await createAuthority(trustDomain)).issue('echo');
  await using service = await serveEcho({ svid: fixedSvid({ ...stranger, ca: friend.ca }) });
  using peer = service.as();
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const answer = peer.ask(say, hi);

  await expect(answer).rejects.toMatchObject(unreachable);
});

test('a TLS session is not resumed, since that would skip the certificate', async () => {
  const resumed: boolean[] = [];
  using service = await serveAnything((request, response) => {
    if (request.socket instanceof TLSSocket) resumed.push(request.socket.isSessionReused());
    response.writeHead(200, { connection: 'close' }).end('{"heard":"hi","by":"me"}');
  });
  using peer = client(service.socket);
  for (let asked = 0; asked < 3; asked += 1) await peer.ask(say, hi);

  expect(resumed).toEqual([false, false, false]);
});

test('a service that does not answer in time is silent, and hears that nobody waits', async () => {
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  await using service = await serveEcho({
    say: async (_question, { signal }) => {
      signal.addEventListener('abort', () => resolve());
      await heard;
      throw new Error('too late');
    },
  });
  using peer = service.as();

  await expect(peer.ask(say, hi, { patienceMs: 50 })).rejects.toMatchObject({
    code: 'PEER_SILENT',
    statusCode: 504,
    message: 'echo did not answer within 50 ms: look at physiclaw status',
  });
  await heard;
});

test('the contract says how long a call is waited for', async () => {
  await using service = await serveEcho({ say: () => new Promise(() => undefined) });
  using peer = service.as();

  await expect(peer.ask({ ...say, patienceMs: 30 }, hi)).rejects.toMatchObject({
    message: expect.stringContaining('30 ms'),
  });
});

test('a call ends with the reason of its signal', async () => {
  await using service = await serveEcho({ say: () => new Promise(() => undefined) });
  using peer = service.as();
  const stop = new AbortController();
  const call = peer.ask(say, hi, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('the person left')), 20);

  await expect(call).rejects.toThrow('the person left');
  await expect(peer.ask(say, hi, { signal: stop.signal })).rejects.toThrow('the person left');
});

test('a question that was broken off is not put again', async () => {
  let asked = 0;
  using service = await serveAnything((request) => {
    asked += 1;
    if (asked > 1) request.socket.destroy();
    else request.resume().on('end', () => void 0);
  });
  using peer = client(service.socket);
  await peer.ask(say, hi, { patienceMs: 50 }).catch(() => undefined);
  asked = 1;

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
  expect(asked).toBe(2);
});

test.each([
  ['breaks the contract', 200, '{"heard":1}'],
  ['is no JSON', 200, 'hello'],
  ['is an error page', 503, '{"code":"Service Unavailable","message":"closing"}'],
  ['is an error without a code', 500, '{}'],
])('an answer that %s is no answer', async (_what, status, body) => {
  using service = await serveAnything((_request, response) => {
    response.writeHead(status).end(body);
  });
  using peer = client(service.socket);

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
});

test('an answer that is cut is no answer', async () => {
  using service = await serveAnything((_request, response) => {
    response.writeHead(200, { 'content-length': '999' }).write('{"heard":');
    setTimeout(() => response.destroy(), 10);
  });
  using peer = client(service.socket);

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
});

test('an answer without end is not kept', async () => {
  using service = await serveAnything((_request, response) => {
    const block = Buffer.alloc(4_194_304, ' ');
    const pour = () => {
      while (response.write(block));
    };
    response.writeHead(200).on('drain', pour);
    pour();
  });
  using peer = client(service.socket);

  await expect(peer.ask(say, hi)).rejects.toMatchObject({
    ...unreachable,
    cause: expect.any(RangeError),
  });
});

test.each([
  ['breaks the contract', '{"number":"one"}\n'],
  ['is no JSON', 'one\n'],
])('an event that %s ends the stream with an error', async (_what, line) => {
  using service = await serveAnything((_request, response) => {
    response.writeHead(200).end(`{"number":1}\n${line}`);
  });
  using peer = client(service.socket);
  const stream = peer.follow(count, { to: 2 });

  expect(await stream.next()).toMatchObject({ value: { number: 1 } });
  await expect(stream.next()).rejects.toMatchObject(unreachable);
});

test('a call carries the trace that it is part of, as a span of its own', async () => {
  const traces: Trace[] = [];
  await using service = await serveEcho({
    say: ({ words }, { caller, trace }) => {
      traces.push(trace);
      return { heard: words, by: caller };
    },
  });
  using peer = service.as();
  const trace = startSpan();
  await withTrace(trace, () => peer.ask(say, hi));
  await peer.ask(say, hi);

  expect(traces[0]?.traceId).toBe(trace.traceId);
  expect(traces[0]?.spanId).not.toBe(trace.spanId);
  expect(traces[1]?.traceId).not.toBe(trace.traceId);
});

test('questions share a connection', async () => {
  const sockets = new Set<unknown>();
  using service = await serveAnything((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200).end('{"heard":"hi","by":"me"}');
  });
  using peer = client(service.socket);
  for (let asked = 0; asked < 5; asked += 1) await peer.ask(say, hi);

  expect(sockets.size).toBe(1);
});

test('after a renewal no question goes over a connection of the old SVID', async () => {
  const sockets = new Set<unknown>();
  using service = await serveAnything((request, response) => {
    sockets.add(request.socket);
    setTimeout(() => response.writeHead(200).end('{"heard":"hi","by":"me"}'), 30);
  });
  const { holder, renew } = await renewable('friend');
  using peer = new Peer(echo, { socket: service.socket, svid: holder, trustDomain });
  const underWay = peer.ask(say, hi);
  await sleep(10);
  await renew();
  const next = peer.ask(say, hi);

  expect(await Promise.all([underWay, next])).toHaveLength(2);
  await peer.ask(say, hi);
  expect(sockets.size).toBe(2);
});

test('connections of the old SVID are closed, idle ones at once and busy ones after the answer', async () => {
  const closed = new Set<unknown>();
  using service = await serveAnything(({ socket }, response) => {
    socket.once('close', () => closed.add(socket));
    setTimeout(() => response.writeHead(200).end('{"heard":"hi","by":"me"}'), 20);
  });
  const { holder, renew } = await renewable('friend');
  using peer = new Peer(echo, { socket: service.socket, svid: holder, trustDomain });
  await peer.ask(say, hi);
  await renew();
  await vi.waitFor(() => expect(closed.size).toBe(1));
  const underWay = peer.ask(say, hi);
  await sleep(10);
  await renew();
  expect(closed.size).toBe(1);
  await underWay;

  await vi.waitFor(() => expect(closed.size).toBe(2));
});

test('after the certificate of the service ran out a question goes over a new connection', async () => {
  const sockets = new Set<unknown>();
  using service = await serveAnything((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200).end('{"heard":"hi","by":"me"}');
  });
  using peer = client(service.socket);
  await peer.ask(say, hi);
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  await peer.ask(say, hi);

  expect(sockets.size).toBe(2);
});

test('no question is dropped while both sides renew', async () => {
  const { holder: theirs, renew: renewTheirs } = await renewable('echo');
  const { holder: ours, renew: renewOurs } = await renewable('friend');
  await using service = await serveEcho({ svid: theirs });
  using peer = service.as(ours);
  const until = performance.now() + 500;
  const asking = async (asked = 0): Promise<number> =>
    performance.now() < until ? peer.ask(say, hi).then(() => asking(asked + 1)) : asked;
  const askers = Array.from({ length: 4 }, () => asking());
  for (let round = 0; round < 10; round += 1) {
    await sleep(30);
    await Promise.all([renewTheirs(), renewOurs()]);
  }

  for (const asked of await Promise.all(askers)) expect(asked).toBeGreaterThan(10);
  expect(service.lines).toEqual([]);
});

test('a peer that is let go of asks nothing more', async () => {
  await using service = await serveEcho();
  const peer = service.as();
  await peer.ask(say, hi);
  peer[Symbol.dispose]();

  await expect(peer.ask(say, hi)).rejects.toMatchObject(unreachable);
});
