import { once } from 'node:events';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { Agent, type AgentOptions, request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { createLogger, fixedSvid, Peer, Server, type Svid } from '@physiclaw/platform';
import { afterEach, expect, test, vi } from 'vitest';
import { createAuthority } from './authority.ts';
import {
  authority,
  echo,
  friend,
  say,
  serveEcho,
  temporaryFolder,
  tired,
  trustDomain,
} from './echo.ts';

afterEach(() => vi.useRealTimers());
const own = fixedSvid(await authority.issue('echo'));
const quiet = { svid: own, log: createLogger('echo', 'silent'), trustDomain };
const refused = { code: 'CALLER_REFUSED', statusCode: 403 };

function agentOf(svid: Svid, options: AgentOptions = {}) {
  return new Agent({ ...svid, ...options, checkServerIdentity: () => undefined });
}

/** Puts bytes that no client of ours would send; without a body it never ends. */
async function post(
  socketPath: string,
  path: string,
  headers: object,
  ...[body, agent = agentOf(friend)]: [body?: string, agent?: Agent]
) {
  const call = request({
    agent,
    socketPath,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    checkServerIdentity: () => undefined,
  });
  if (body === undefined) call.flushHeaders();
  else call.end(body);
  // Who refuses early may close while we still write.
  call.on('error', () => undefined);
  const [response] = await once(call, 'response');
  const freed = once(call, 'close');
  const answer: { status: number; reused: boolean; body: unknown } = {
    status: response.statusCode,
    reused: call.reusedSocket,
    body: JSON.parse(await text(response)),
  };
  if (body === undefined) call.destroy();
  await freed.then(() => nextTurn());
  return answer;
}

test('a caller on the list is answered, and the service knows who it is', async () => {
  await using service = await serveEcho();
  using peer = service.as();

  expect(await peer.ask(say, { words: 'hi' })).toEqual({
    heard: 'hi',
    by: 'spiffe://test.internal/friend',
  });
});

test('a caller that is not on the list is refused', async () => {
  await using service = await serveEcho();
  using peer = service.as(await authority.issue('stranger'));

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject(refused);
});

test('a caller is refused before its request is read', async () => {
  await using service = await serveEcho();
  const headers = { 'content-length': '1000' };

  const gateway = agentOf(await authority.issue('gateway'));
  const answer = await post(service.socket, '/say', headers, undefined, gateway);

  expect(answer).toMatchObject({ status: 403, body: { code: 'CALLER_REFUSED' } });
});

test('a caller whose SVID ran out is refused on a connection that is still open', async () => {
  await using service = await serveEcho();
  const agent = agentOf(friend, { keepAlive: true });
  const before = await post(service.socket, '/say', {}, '{"words":"hi"}', agent);
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  const after = await post(service.socket, '/say', {}, '{"words":"hi"}', agent);
  agent.destroy();

  expect([before, after]).toMatchObject([
    { status: 200, reused: false },
    { status: 403, reused: true, body: { code: 'CALLER_REFUSED' } },
  ]);
});

test.each([
  ['of another trust domain', [{ type: 'url', value: 'spiffe://elsewhere.internal/friend' }]],
  ['below the name of a caller', [{ type: 'url', value: 'spiffe://test.internal/friend/friend' }]],
  ['above the name of a caller', [{ type: 'url', value: 'spiffe://test.internal/a/friend' }]],
  [
    'beside a DNS name',
    [
      { type: 'url', value: 'spiffe://test.internal/friend' },
      { type: 'dns', value: 'friend' },
    ],
  ],
  [
    'twice',
    [
      { type: 'url', value: 'spiffe://test.internal/friend' },
      { type: 'url', value: 'spiffe://test.internal/friend' },
    ],
  ],
  ['as a DNS name', [{ type: 'dns', value: 'friend' }]],
] as const)('a name %s is not the name of the caller', async (_what, names) => {
  await using service = await serveEcho();
  using peer = service.as(await authority.issue('friend', { names: [...names] }));

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject(refused);
});

test('an authority is not taken for a workload', async () => {
  await using service = await serveEcho();
  using peer = service.as(await authority.issue('friend', { authority: true }));

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject(refused);
});

test('a caller from another authority gets no connection', async () => {
  await using service = await serveEcho();
  const stranger = await (await createAuthority(trustDomain)).issue('friend');
  using peer = service.as({ ...stranger, ca: friend.ca });

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
});

test.each([
  ['no certificate', { ca: friend.ca }],
  ['TLS 1.2', { ...friend, maxVersion: 'TLSv1.2' }],
] as const)('a client with %s gets no connection', async (_what, options) => {
  await using service = await serveEcho();
  const client = connect({
    ...options,
    path: service.socket,
    checkServerIdentity: () => undefined,
  });

  await expect(once(client.resume(), 'end').then(() => client.getCipher())).rejects.toThrow(
    /alert/,
  );
});

test('a TLS session is not resumed, since that would skip the certificate', async () => {
  await using service = await serveEcho();
  const options = { ...friend, path: service.socket, checkServerIdentity: () => undefined };
  const first = connect(options);
  const session = await new Promise<Buffer>((resolve) => {
    first.once('session', resolve).write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  });
  first.destroy();
  const second = connect({ ...options, session });
  await once(second, 'secureConnect');

  expect(second.isSessionReused()).toBe(false);
  second.destroy();
});

test('a request that breaks the contract is refused, and the field is named', async () => {
  await using service = await serveEcho();
  using peer = service.as();

  await expect(peer.ask(say, { words: 'far too long' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    statusCode: 400,
    message: expect.stringContaining('words'),
  });
});

test.each([
  ['no JSON', '/say', {}, '{'],
  ['another type of content', '/say', { 'content-type': 'text/plain' }, 'x'],
  ['more than 16 MiB', '/say', { 'content-length': '16777217' }, undefined],
  ['a call that is not in the contract', '/shout', {}, '{}'],
])('%s is a bad request', async (_what, path, headers, body) => {
  await using service = await serveEcho();

  const answer = await post(service.socket, path, headers, body);

  expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
});

test('an error that was not foreseen is told without its message, and logged once', async () => {
  await using service = await serveEcho({
    say: () => {
      throw new Error('the safe is behind the picture');
    },
  });
  using peer = service.as();

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject({
    code: 'INTERNAL',
    statusCode: 500,
    message: 'internal error',
  });
  expect(service.lines).toMatchObject([{ level: 'error', msg: 'call failed', service: 'echo' }]);
});

test('an answer that breaks the contract does not go out', async () => {
  const wrong = { heard: 'hi', by: 'me', secret: 'x' };
  await using service = await serveEcho({ say: () => wrong });
  using peer = service.as();

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(service.lines).toMatchObject([{ msg: 'reply breaks the contract' }]);
});

test('an error of the contract keeps its code, status and message, and is not logged', async () => {
  await using service = await serveEcho({ say: () => Promise.reject(tired) });
  using peer = service.as();

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject({
    code: 'ECHO_TIRED',
    statusCode: 429,
    message: 'not now',
  });
  expect(service.lines).toEqual([]);
});

test('a call is aborted when its caller goes away', async () => {
  const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
  await using service = await serveEcho({
    say: ({ words }, { signal, caller }) =>
      new Promise((answer) => {
        signal.addEventListener('abort', () => {
          resolve(signal.reason);
          answer({ heard: words, by: caller });
        });
      }),
  });
  using peer = service.as();

  await peer.ask(say, { words: 'hi' }, { patienceMs: 50 }).catch(() => undefined);

  expect(await aborted).toMatchObject({ code: 'CALLER_GONE' });
});

test('a service that stops aborts what runs, lets the answer out, and then waits for nobody', async () => {
  const begun = Promise.withResolvers<void>();
  const service = await serveEcho({
    say: async ({ words }, { signal, caller }) => {
      begun.resolve();
      await once(signal, 'abort');
      await expect.poll(() => existsSync(service.socket)).toBe(false);
      return { heard: words, by: caller };
    },
  });
  using peer = service.as();
  const answer = peer.ask(say, { words: 'hi' });
  await begun.promise;
  const stop = service[Symbol.asyncDispose]();

  expect(await answer).toMatchObject({ heard: 'hi' });
  expect(await Promise.race([stop, sleep(5000, 'late')])).toBeUndefined();
});

test('a contract with a call that nothing answers is not served', async () => {
  using folder = temporaryFolder();
  await using half = new Server(echo, { ...quiet, socket: join(folder.path, 'half.sock') });

  await expect(half.listen()).rejects.toThrow('nothing answers echo.say');
});

test('the socket is open to all users, since certificates guard it', async () => {
  await using service = await serveEcho();

  expect(statSync(service.socket).mode & 0o777).toBe(0o666);
});

test('the socket of a process that died is replaced', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'echo.sock');
  const dead = createServer().listen({ path: socket });
  await once(dead, 'listening');
  // Closing removes the file, which a killed process does not come to.
  renameSync(socket, `${socket}.left`);
  dead.close();
  await once(dead, 'close');
  renameSync(`${socket}.left`, socket);

  await using service = await serveEcho({ socket });
  using peer = service.as();

  expect(await peer.ask(say, { words: 'hi' })).toMatchObject({ heard: 'hi' });
});

test('the socket of a process that lives is left alone', async () => {
  await using service = await serveEcho();

  await expect(serveEcho({ socket: service.socket })).rejects.toMatchObject({
    code: 'SOCKET_TAKEN',
    message: expect.stringContaining('another process listens'),
  });
  using peer = service.as();
  expect(await peer.ask(say, { words: 'hi' })).toMatchObject({ heard: 'hi' });
});

test('a file that is no socket is not removed', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'diary');
  writeFileSync(socket, 'dear diary');

  await expect(serveEcho({ socket })).rejects.toMatchObject({ code: 'SOCKET_TAKEN' });
  expect(existsSync(socket)).toBe(true);
});

test('the front door and callers read health and metrics, others do not', async () => {
  await using service = await serveEcho();
  service.server.onMetrics(() => ({ voices: 3 }));
  using door = service.as(await authority.issue('gateway'));
  using stranger = service.as(await authority.issue('stranger'));
  using peer = service.as();
  await peer.ask(say, { words: 'hi' });
  await peer.ask(say, { words: 'far too long' }).catch(() => undefined);

  expect(JSON.parse(await door.page('healthz'))).toEqual({ service: 'echo', status: 'ready' });
  const metrics = await peer.page('metrics');
  expect(metrics).toContain('physiclaw_calls_total{call="say",outcome="ok"} 1');
  expect(metrics).toContain('physiclaw_calls_total{call="say",outcome="BAD_REQUEST"} 1');
  expect(metrics).toContain('physiclaw_echo_voices 3');
  await expect(stranger.page('metrics')).rejects.toMatchObject(refused);
});

test('a server waits for its first SVID', async () => {
  using folder = temporaryFolder();
  const { promise, resolve } = Promise.withResolvers<Svid>();
  const svid = { current: () => promise, onChange: own.onChange.bind(own) };
  const socket = join(folder.path, 'echo.sock');
  const listening = serveEcho({ svid, socket });
  using peer = new Peer(echo, { socket, svid: fixedSvid(friend), trustDomain });

  await expect(peer.ask(say, { words: 'hi' })).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  resolve(await own.current());
  await using service = await listening;
  expect(await peer.ask(say, { words: 'hi' })).toMatchObject({ heard: 'hi' });
  expect(service.lines).toEqual([]);
});
