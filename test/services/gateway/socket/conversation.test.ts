import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { HelloOk } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import { afterEach, expect, test } from 'vitest';
import { LIMITS } from '#services/gateway/socket/conversation.ts';
import { Feeds } from '#services/gateway/socket/feeds.ts';
import { checkToken } from '../house.ts';
import { event, hangUp, Line, session, turn } from './line.ts';
import { faultsOf } from './oracle.ts';

afterEach(() => assert.deepEqual(hangUp(), []));

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

test('of two that connect at once on one connection the first is let in', async () => {
  const line = new Line();
  await Promise.all([line.connect(), line.connect()]);

  const answers = line.frames.filter(({ type }) => type === 'res').map(({ ok }) => ok);
  expect(answers).toEqual([true, false]);
});

test('who goes before he is let in leaves nothing behind', async () => {
  let asked = 0;
  const check = (question: unknown) => {
    asked += 1;
    return checkToken(question);
  };
  const line = new Line({ check, limits: { tickIntervalMs: 5 } });
  const connecting = line.connect();
  hangUp();
  await connecting;
  await sleep(30);

  expect(asked).toBe(1);
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

test('who asks without end is cut off', async () => {
  const line = new Line();
  await line.connect();
  for (let n = 0; n < 2000 && line.closed.length === 0; n += 1) await line.ask('health');

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
  const { server } = HelloOk.parse((await first.connect())?.payload);
  feeds.publish('tick', { ts: 1 }, { scope: 'ask' });
  assert.deepEqual(hangUp(), []);
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
  line.bufferedAmount = LIMITS.maxBufferedBytes + 1;
  line.feeds.publish('tick', { ts: 1 }, { scope: 'ask' });
  const { length } = line.frames;
  line.feeds.publish('tick', { ts: 2 }, { scope: 'ask' });

  expect(line.isCut).toBe(true);
  expect(line.frames).toHaveLength(length);
  expect(line.metrics.toText()).toContain('GATEWAY_CONSUMER_SLOW');
});

test('a reply that is too large is refused by its code, and the connection goes on', async () => {
  const line = new Line({ limits: { maxReplyBytes: 8192 } });
  await line.connect();
  const digest = 'ab'.repeat(32);

  expect(await line.ask('readBlob', { session, digest })).toMatchObject({
    ok: false,
    error: { code: 'GATEWAY_REPLY_TOO_LARGE', retryable: false },
  });
  expect([line.isCut, line.closed]).toEqual([false, []]);
});

test('each connection hears a tick', async () => {
  const line = new Line({ limits: { tickIntervalMs: 5 } });
  await line.connect();
  await sleep(20);
  const tick = line.frames.find(({ event: name }) => name === 'tick');

  expect(faultsOf('TickEvent', tick?.payload)).toEqual([]);
});

const adaIs = { person: 'spiffe://test.internal/user/ada', name: 'Ada', scopes: ['read'] };

test('the end of a sign-in ends the connection', async () => {
  const line = new Line({ check: () => adaIs, lifetimeMs: 500 });
  const nonce = line.signIns.nonce();
  const type = 'physiclaw/sign-in/v1' as const;
  const statement = { type, trustDomain: 'test.internal', nonce, key: 'did:key:z' };
  const { credential } = await line.signIns.signIn({ statement, signature: '' });
  expect(await line.connect({ auth: { token: credential } })).toMatchObject({ ok: true });
  await sleep(550);

  expect(line.closed).toEqual(['1008 GATEWAY_SIGN_IN_REFUSED']);
});

/** Knows its tokens until they are revoked. */
function fickle() {
  const state = { isRevoked: false };
  const check = (question: unknown) => {
    if (state.isRevoked) throw new ApplianceError('POLICY_TOKEN_UNKNOWN', 404, 'revoked');
    return checkToken(question);
  };
  return { state, check };
}

test('a token that was revoked ends with the next question', async () => {
  const { state, check } = fickle();
  const line = new Line({ check });
  await line.connect();
  state.isRevoked = true;

  expect(await line.ask('health')).toMatchObject({ error: { code: 'GATEWAY_SIGN_IN_REFUSED' } });
  expect(line.closed).toEqual(['1008 GATEWAY_SIGN_IN_REFUSED']);
});

test('a token that was revoked ends with the next tick', async () => {
  const { state, check } = fickle();
  const line = new Line({ check, limits: { tickIntervalMs: 5 } });
  await line.connect();
  state.isRevoked = true;

  await expect
    .poll(() => line.closed, { timeout: 10_000 })
    .toEqual(['1008 GATEWAY_SIGN_IN_REFUSED']);
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
