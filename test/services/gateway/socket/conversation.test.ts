import { setTimeout as sleep } from 'node:timers/promises';
import { type Method, methods, type TurnEvent } from '@physiclaw/contracts';
import { ApplianceError, Metrics, type Peer } from '@physiclaw/platform';
import { afterEach, expect, test } from 'vitest';
import { Desk } from '#services/gateway/desk/desk.ts';
import { Rate } from '#services/gateway/door/rate.ts';
import { SignIns } from '#services/gateway/people/sign-in.ts';
import { Conversation, LIMITS, type Limits } from '#services/gateway/socket/conversation.ts';
import { Feeds } from '#services/gateway/socket/feeds.ts';
import { checkToken, tokenOf } from '../house.ts';
import { faultsOf } from './oracle.ts';

afterEach(() => open.splice(0).forEach((one) => one[Symbol.dispose]()));
const open: Conversation[] = [];

const session = `s-${'1'.repeat(32)}`;
const turn = `t-${'1'.repeat(32)}`;
const at = '2026-11-21T00:00:00Z';
const event: TurnEvent = { session, turn, sequence: 0, at, name: 'turn.planned', data: {} };
const ada = tokenOf('ada', 'read', 'ask');

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly payload?: Record<string, unknown>;
  readonly error?: { code: string; details?: { code: string }; retryable?: boolean };
}

interface Options {
  readonly limits?: Partial<Limits>;
  readonly lifetimeMs?: number;
  readonly check?: (question: unknown) => unknown;
  readonly feeds?: Feeds;
}

/** One end of a connection, and all that came and went over it. */
class Line {
  readonly frames: Frame[] = [];
  readonly closed: string[] = [];
  bufferedAmount = 0;
  isCut = false;
  readonly feeds: Feeds;
  readonly signIns: SignIns;
  readonly metrics = new Metrics('gateway');
  readonly #conversation: Conversation;

  constructor({ limits = {}, lifetimeMs, check = checkToken, feeds = new Feeds() }: Options = {}) {
    const policy = { ask: async (_call: unknown, question: unknown) => check(question) };
    this.feeds = feeds;
    this.signIns = new SignIns(policy as Pick<Peer, 'ask'>, lifetimeMs);
    this.#conversation = new Conversation(this, 'visitor', {
      desk: deskOf(),
      signIns: this.signIns,
      feeds,
      rate: new Rate(),
      metrics: this.metrics,
      limits: { ...LIMITS, ...limits },
    });
    open.push(this.#conversation);
  }

  send(text: string): void {
    const frame = JSON.parse(text);
    expect(faultsOf('GatewayFrame', frame)).toEqual([]);
    this.frames.push(frame);
  }

  close(code: number, reason: string): void {
    this.closed.push(`${code} ${reason}`);
  }

  terminate(): void {
    this.isCut = true;
  }

  async say(frame: unknown): Promise<Frame | undefined> {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    await this.#conversation.take(Buffer.from(text));
    return this.frames.findLast(({ type }) => type === 'res');
  }

  ask(method: string, params?: unknown): Promise<Frame | undefined> {
    return this.say({ type: 'req', id: 'q', method, params });
  }

  connect(more: object = {}): Promise<Frame | undefined> {
    const client = { id: 'cli', version: '1', platform: 'linux', mode: 'cli' };
    const params = { minProtocol: 4, maxProtocol: 4, client, auth: { token: ada }, ...more };
    expect(faultsOf('ConnectParams', params)).toEqual([]);
    return this.ask('connect', params);
  }

  events(): (string | undefined)[] {
    return this.frames.filter(({ type }) => type === 'event').map((frame) => frame.event);
  }
}

function deskOf(): Desk {
  const slow: Method = methods.abilities;
  return new Desk()
    .answer('health', methods.health, () => ({ ok: true as const, ts: 1, durationMs: 0 }))
    .answer('abilities', slow, () => sleep(50, { planner: 'runbook', runbooks: [] }))
    .answer('kill', methods.kill, () => ({ kill: 'k' }))
    .stream('follow', methods.follow, async function* told() {
      yield event;
      await sleep(0);
    });
}

test('the gateway speaks first, and then answers whoever signs in', async () => {
  const line = new Line();
  expect(line.frames[0]).toMatchObject({ event: 'connect.challenge' });
  const hello = await line.connect();

  expect(hello).toMatchObject({ ok: true, payload: { type: 'hello-ok', protocol: 4 } });
  expect(faultsOf('HelloOk', hello?.payload)).toEqual([]);
  expect(hello?.payload?.['auth']).toEqual({ role: 'operator', scopes: ['read', 'ask'] });
  expect(await line.ask('health')).toMatchObject({ ok: true, payload: { ok: true } });
});

test.each<[string, object, string, string]>([
  ['without a token', { auth: {} }, 'GATEWAY_SIGN_IN_REQUIRED', 'AUTH_TOKEN_MISSING'],
  [
    'with a token that is none',
    { auth: { token: 'nonsense-nonsense-nonsense' } },
    'GATEWAY_SIGN_IN_REFUSED',
    'AUTH_TOKEN_MISMATCH',
  ],
  [
    'by another version',
    { minProtocol: 5, maxProtocol: 6 },
    'GATEWAY_PROTOCOL_REFUSED',
    'PROTOCOL_MISMATCH',
  ],
  [
    'by an earlier version',
    { minProtocol: 1, maxProtocol: 3 },
    'GATEWAY_PROTOCOL_REFUSED',
    'PROTOCOL_MISMATCH',
  ],
  ['as a node', { role: 'node' }, 'GATEWAY_PROTOCOL_REFUSED', 'PROTOCOL_MISMATCH'],
])('who connects %s is told why and cut off', async (_how, more, code, detail) => {
  const line = new Line();
  const reply = await line.connect(more);

  expect(reply).toMatchObject({ ok: false, error: { code, details: { code: detail } } });
  expect(line.closed).toEqual([`1008 ${code}`]);
});

test('connect comes first, and once', async () => {
  const early = new Line();
  expect(await early.ask('health')).toMatchObject({ error: { code: 'GATEWAY_PROTOCOL_REFUSED' } });
  expect(early.closed).toHaveLength(1);
  const line = new Line();
  await line.connect();

  expect(await line.connect()).toMatchObject({ error: { code: 'GATEWAY_PROTOCOL_REFUSED' } });
  expect(await line.ask('health')).toMatchObject({ ok: true });
});

test('connect with a field that the protocol does not have is refused', async () => {
  const line = new Line();
  const reply = await line.ask('connect', { minProtocol: 4, maxProtocol: 4, nonsense: true });

  expect(reply).toMatchObject({ error: { code: 'BAD_REQUEST' } });
});

test('who does not connect in time is cut off', async () => {
  const line = new Line({ limits: { connectMs: 10 } });
  await sleep(30);

  expect(line.closed).toEqual(['1008 expected connect']);
});

test.each(['', 'nonsense', '[]', '{"type":"req"}', '{"type":"res","id":"1","ok":true}'])(
  'what is no request frame (%s) ends the connection',
  async (text) => {
    const line = new Line();
    await line.say(text);

    expect(line.closed).toEqual(['1008 expected a request frame']);
  },
);

test('a frame is measured before it is read, the first one more strictly', async () => {
  const stranger = new Line();
  await stranger.say('x'.repeat(16 * 1024 + 1));
  expect(stranger.closed).toEqual(['1009 frame too large']);
  const line = new Line({ limits: { maxPayload: 20_000 } });
  await line.connect();
  expect(await line.ask('health', { probe: true })).toMatchObject({ ok: true });
  await line.say(`"${'x'.repeat(20_000)}"`);

  expect(line.closed).toEqual(['1009 frame too large']);
});

test('who asks without end is cut off, signed in or not', async () => {
  const [line, stranger] = [new Line(), new Line()];
  await line.connect();
  for (let n = 0; n < 70 && line.closed.length === 0; n += 1) await line.ask('health');
  for (let n = 0; n < 70 && stranger.closed.length === 0; n += 1) await stranger.connect({});

  expect(line.closed).toEqual(['1008 GATEWAY_TOO_MANY_REQUESTS']);
});

test('more questions at once than may wait are refused, and the others answered', async () => {
  const line = new Line({ limits: { atOnce: 2 } });
  await line.connect();
  await Promise.all(
    ['a', 'b', 'c'].map((id) => line.say({ type: 'req', id, method: 'abilities' })),
  );
  const codes = line.frames.filter(({ type }) => type === 'res').map(({ error }) => error?.code);

  expect(codes).toEqual([undefined, 'GATEWAY_TOO_MANY_REQUESTS', undefined, undefined]);
});

test.each([
  ['nonsense', {}, 'GATEWAY_METHOD_UNKNOWN'],
  ['kill', {}, 'GATEWAY_SCOPE_MISSING'],
  ['health', { nonsense: 1 }, 'BAD_REQUEST'],
  ['events.resume', { seq: 'x' }, 'BAD_REQUEST'],
])('%s is refused as at every other door', async (method, params, code) => {
  const line = new Line();
  await line.connect();

  expect(await line.ask(method, params)).toMatchObject({ ok: false, error: { code } });
  expect(line.closed).toEqual([]);
});

test('what a method streams comes as events', async () => {
  const line = new Line();
  await line.connect();
  expect(await line.ask('follow', { session, turn })).toMatchObject({ ok: true, payload: {} });
  await sleep(5);

  expect(line.frames.at(-1)).toEqual({
    type: 'event',
    event: 'physiclaw.turn',
    payload: { session, turn, seq: 0, event },
  });
});

test('who comes back gets what he missed, or hears that he must load anew', async () => {
  const feeds = new Feeds();
  const first = new Line({ feeds });
  const { server } = (await first.connect())?.payload as { server: { bootId: string } };
  feeds.publish('tick', { ts: 1 }, { scope: 'ask' });
  open.splice(0).forEach((one) => one[Symbol.dispose]());
  feeds.publish('tick', { ts: 2 }, { scope: 'ask' });
  const line = new Line({ feeds });
  await line.connect();
  const { bootId } = server;

  expect(await line.ask('events.resume', { bootId, seq: 1 })).toMatchObject({
    payload: { kind: 'delta', events: 1 },
  });
  expect(line.frames.at(-2)).toMatchObject({ event: 'tick', payload: { ts: 2 }, seq: 2 });
  expect(await line.ask('events.resume', { bootId: 'another', seq: 1 })).toMatchObject({
    payload: { kind: 'reset' },
  });
});

test('who does not read is cut off, before he costs memory', async () => {
  const line = new Line();
  await line.connect();
  line.bufferedAmount = LIMITS.maxBufferedBytes;
  line.feeds.publish('tick', { ts: 1 }, { scope: 'ask' });
  const { length } = line.frames;
  line.feeds.publish('tick', { ts: 2 }, { scope: 'ask' });

  expect(line.isCut).toBe(true);
  expect(line.frames).toHaveLength(length);
  expect(line.metrics.toText()).toContain('GATEWAY_CONSUMER_SLOW');
});

test('each connection hears a tick', async () => {
  const line = new Line({ limits: { tickIntervalMs: 5 } });
  await line.connect();
  await sleep(20);
  const tick = line.frames.find(({ event: name }) => name === 'tick');

  expect(faultsOf('TickEvent', tick?.payload)).toEqual([]);
});

test('the end of a sign-in ends the connection', async () => {
  const check = () => ({
    person: 'spiffe://test.internal/user/ada',
    name: 'Ada',
    scopes: ['read'],
  });
  const line = new Line({ check, lifetimeMs: 40 });
  const nonce = line.signIns.nonce();
  const type = 'physiclaw/sign-in/v1' as const;
  const statement = { type, trustDomain: 'test.internal', nonce, key: 'did:key:z' };
  const { credential } = await line.signIns.signIn({ statement, signature: '' });
  expect(await line.connect({ auth: { token: credential } })).toMatchObject({ ok: true });
  await sleep(60);

  expect(line.closed).toEqual(['1008 GATEWAY_SIGN_IN_REFUSED']);
});

test.each(['a question', 'a tick'])('a token that was revoked ends with %s', async (what) => {
  let isRevoked = false;
  const check = (question: unknown) => {
    if (isRevoked) throw new ApplianceError('POLICY_TOKEN_UNKNOWN', 404, 'revoked');
    return checkToken(question);
  };
  const line = new Line({ check, limits: { tickIntervalMs: what === 'a tick' ? 5 : 10_000 } });
  await line.connect();
  isRevoked = true;
  if (what === 'a question') {
    expect(await line.ask('health')).toMatchObject({ error: { code: 'GATEWAY_SIGN_IN_REFUSED' } });
  }
  await sleep(20);

  expect(line.closed).toEqual(['1008 GATEWAY_SIGN_IN_REFUSED']);
});

test('while policy is away nobody is cut off for it', async () => {
  let isAway = false;
  const check = (question: unknown) => {
    if (isAway) throw new ApplianceError('PEER_UNREACHABLE', 503, 'away');
    return checkToken(question);
  };
  const line = new Line({ check, limits: { tickIntervalMs: 5 } });
  await line.connect();
  isAway = true;
  await sleep(20);

  expect(await line.ask('health')).toMatchObject({
    error: { code: 'PEER_UNREACHABLE', retryable: true },
  });
  expect(line.closed).toEqual([]);
});
