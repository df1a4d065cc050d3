import { GatewayClient } from '@openclaw/gateway-client';
import { agent, type ApprovalRequest, methods, policy, SpiffeId } from '@physiclaw/contracts';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { intentOf } from '#test/services/policy/intents.ts';
import {
  type Answers,
  checkToken,
  type House,
  startHouse,
  tokenOf,
  trustDomain,
} from '../house.ts';
import { faultsOf } from './oracle.ts';

const ada = tokenOf('ada', 'read', 'ask');
const bob = tokenOf('bob', 'approve');
const digest = 'ab'.repeat(32);
const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };
const requestId = `r-${'1'.repeat(32)}`;
const at = '2026-11-21T00:00:00.000Z';
const text = canonicalize(intentOf({ actuator: 'exec', arguments: { argv: ['true'] } }));

const waiting: ApprovalRequest = {
  request: requestId,
  session: `s-${'1'.repeat(32)}`,
  principal: SpiffeId.parse(`spiffe://${trustDomain}/user/ada`),
  turn: `t-${'1'.repeat(32)}`,
  intent: text,
  hash: hashIntent(text),
  rules: ['balanced:ask'],
  policy: digest,
  state: 'pending',
  decision: 1,
  requestedAt: at,
  notAfter: '2026-11-21T01:00:00.000Z',
  log: { origin: 'test.internal', size: 2 },
};

const PATIENCE = { timeout: 15_000 };

type Told = readonly [string, object];
const question: Told = ['user.message', { task: { type: 'question', text: 'how full?' } }];
const failed: Told = ['turn.failed', { code: 'MODEL_REQUIRED', message: 'no model' }];

/** A house whose turns go as they are told here. */
function houseOf(
  told: readonly Told[],
  more: Answers['policy'] = {},
  moreOfTools: Answers['tools'] = {},
): Promise<House> {
  const eventsOf = (asked: unknown) => {
    const { session, turn, from } = agent.calls.follow.request.parse(asked);
    return told
      .map(([name, data], sequence) => ({ session, turn, sequence, at, name, data }))
      .slice(from);
  };
  const said = (asked: unknown) => {
    const { session } = agent.calls.history.request.parse(asked);
    const turn = `t-${'1'.repeat(32)}`;
    return { events: eventsOf({ session, turn, from: 0 }) };
  };
  return startHouse({
    policy: {
      checkToken,
      openSession: () => ({ receipt, delegation: '' }),
      // It knows a request by its name: in a list of all it may have no room.
      requests: (asked) => {
        const { request } = policy.calls.requests.request.parse(asked);
        return { requests: request === requestId ? [waiting] : [] };
      },
      ...more,
    },
    tools: { openWorkspace: () => ({ tree: digest }), ...moreOfTools },
    agent: {
      openSession: () => ({ did: `did:key:z6Mk${'a'.repeat(44)}` }),
      beginSession: () => ({}),
      ask: () => ({}),
      follow: eventsOf,
      history: said,
      abort: () => ({ aborted: true }),
    },
  });
}

const Event = z.object({
  event: z.string(),
  seq: z.int().optional(),
  payload: z.record(z.string(), z.unknown()),
});
type Event = z.infer<typeof Event>;

/** The published client, as it is. */
async function connect({ port }: House, token: string) {
  const events: Event[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const client = new GatewayClient({
    url: `ws://localhost:${port}/ws`,
    token,
    deviceIdentity: null,
    onHelloOk: resolve,
    onConnectError: reject,
    onEvent: (event) => {
      expect(faultsOf('EventFrame', event)).toEqual([]);
      events.push(Event.parse(event));
    },
  });
  onTestFinished(() => client.stopAndWait());
  client.start();
  return { client, events, hello: await promise };
}

const ask = { sessionKey: 'main', message: 'how full?', idempotencyKey: 'run-1' };

test('a reply of more than the unread events may have reaches a reader who reads', async () => {
  const bytes = Buffer.alloc(4 * 1024 * 1024).toString('base64');
  const house = await houseOf([], {}, { readBlob: () => ({ bytes, size: 4 * 1024 * 1024 }) });
  const { client } = await connect(house, ada);
  const { session } = await client.request<{ session: string }>('reserveSession', {});
  const asked = [0, 1, 2].map(() =>
    client.request<{ bytes: string }>('readBlob', { session, digest }),
  );

  for (const told of await Promise.all(asked)) expect(told.bytes).toBe(bytes);
});

test('the published client connects as it is, asks, and hears the end', async () => {
  const house = await houseOf([question, failed]);
  const { client, events, hello } = await connect(house, ada);
  expect(faultsOf('HelloOk', hello)).toEqual([]);
  expect(await client.request('health', {})).toMatchObject({ ok: false });
  expect(faultsOf('ChatSendParams', ask)).toEqual([]);
  const started = await client.request<{ turn: string; session: string }>('chat.send', ask);
  await expect.poll(() => events.some(({ event }) => event === 'chat'), PATIENCE).toBe(true);

  expect(started).toMatchObject({ runId: 'run-1', status: 'started' });
  const { session, turn } = started;
  expect(events.filter(({ event }) => event !== 'tick')).toMatchObject([
    { event: 'physiclaw.turn', seq: 1, payload: { session, turn, seq: 0 } },
    { event: 'physiclaw.turn', seq: 2, payload: { session, turn, seq: 1 } },
    {
      event: 'chat',
      seq: 3,
      payload: {
        runId: 'run-1',
        sessionKey: 'main',
        state: 'error',
        errorMessage: 'MODEL_REQUIRED: no model',
      },
    },
  ]);
  expect(faultsOf('ChatEvent', events.at(-1)?.payload)).toEqual([]);
});

test('the same question asked twice is one turn, in the session of its key', async () => {
  const house = await houseOf([question]);
  const { client } = await connect(house, ada);
  const [first, second] = await Promise.all([
    client.request<Record<string, string>>('chat.send', ask),
    client.request<Record<string, string>>('chat.send', ask),
  ]);
  const other = await client.request<Record<string, string>>('chat.send', {
    ...ask,
    idempotencyKey: 'run-2',
  });

  expect(second).toEqual({ ...first, status: 'in_flight' });
  expect(other['session']).toBe(first['session']);
  expect(other['turn']).not.toBe(first['turn']);
});

test('what was said is told again, from a cursor on, or not at all of another session', async () => {
  const house = await houseOf([question, failed]);
  const { client } = await connect(house, ada);
  await client.request('chat.send', ask);
  const history = (cursor?: string) =>
    client.request('chat.history', {
      sessionKey: 'main',
      ...(cursor !== undefined && { cursor }),
    });
  const whole = methods['chat.history'].reply.parse(await history());
  const all = 'sessionKey' in whole ? whole : undefined;

  expect(all?.messages.map(({ role, content }) => [role, content[0]?.text])).toEqual([
    ['user', 'how full?'],
    ['assistant', 'MODEL_REQUIRED: no model'],
  ]);
  const none = await history(all?.deltaCursor);
  expect(none).toMatchObject({ kind: 'delta', messages: [] });
  expect(faultsOf('ChatHistoryCursorResult', none)).toEqual([]);
  const [first] = all?.messages ?? [];
  const cursor = `${all?.sessionId}/${first?.timestamp}/${first?.turn}/user`;
  expect(await history(cursor)).toMatchObject({ kind: 'delta', messages: [{ role: 'assistant' }] });
  expect(await history(`s-${'0'.repeat(32)}/`)).toEqual({ kind: 'reset' });
  expect(await client.request('chat.history', { sessionKey: 'never' })).toMatchObject({
    messages: [],
  });
});

test('a run is ended by its name, or all of a session', async () => {
  const house = await houseOf([question]);
  const { client } = await connect(house, ada);
  await client.request('chat.send', ask);
  const abort = (runId: string) => client.request('chat.abort', { sessionKey: 'main', runId });

  expect(await abort('run-1')).toEqual({ ok: true, aborted: true, runIds: ['run-1'] });
  expect(await abort('run-9')).toEqual({ ok: true, aborted: false, runIds: [] });
});

test('an aborted turn is told as one', async () => {
  const house = await houseOf([question, ['turn.failed', { code: 'AGENT_TURN_ABORTED' }]]);
  const { client, events } = await connect(house, ada);
  await client.request('chat.send', ask);
  await expect.poll(() => events.at(-1)?.payload['state'], PATIENCE).toBe('aborted');

  expect(faultsOf('ChatEvent', events.at(-1)?.payload)).toEqual([]);
});

test('the session of somebody else is nobody else’s under any name', async () => {
  const house = await houseOf([question]);
  const { client } = await connect(house, ada);
  const { session } = await client.request<{ session: string }>('chat.send', ask);
  const eve = await connect(house, tokenOf('eve', 'ask'));
  const theirs = await eve.client.request<{ session: string }>('chat.send', ask);

  expect(theirs.session).not.toBe(session);
  for (const method of ['chat.history', 'chat.abort']) {
    await expect(eve.client.request(method, { sessionKey: session })).rejects.toThrow(session);
  }
});

describe('a request for approval', () => {
  const asked: readonly Told[] = [question, ['approval.requested', { request: requestId }]];

  test('is told to whoever may approve, whoever asked', async () => {
    const house = await houseOf(asked);
    const approver = await connect(house, bob);
    const asker = await connect(house, ada);
    await asker.client.request('chat.send', ask);
    await expect.poll(() => approver.events.length, PATIENCE).toBe(2);

    expect(approver.events).toMatchObject([
      { event: 'physiclaw.approval', payload: { request: waiting } },
      { event: 'session.approval', payload: { phase: 'pending' } },
    ]);
    expect(faultsOf('SessionApprovalEvent', approver.events[1]?.payload)).toEqual([]);
    expect(asker.events.map(({ event }) => event)).not.toContain('physiclaw.approval');
  });

  test('is told again once it was answered', async () => {
    const done = { ...waiting, state: 'approved', answeredAt: at };
    const house = await houseOf(asked, {
      answer: () => ({ state: 'approved', receipt }),
      requests: () => ({ requests: [done] }),
    });
    const { client, events } = await connect(house, bob);
    const type = 'physiclaw/approval/v1';
    const key = `did:key:z6Mk${'a'.repeat(44)}`;
    const about = { request: requestId, intent: waiting.hash, policy: digest, log: waiting.log };
    const verdict = { verdict: 'approve', scope: 'once', notAfter: waiting.notAfter };
    const signed = { statement: { type, key, ...about, ...verdict }, signature: 'AAAA' };
    expect(policy.calls.answer.request.safeParse(signed).success).toBe(true);
    await client.request('approve', signed);
    await expect.poll(() => events.length, PATIENCE).toBe(2);

    expect(events[1]).toMatchObject({ payload: { phase: 'terminal' } });
    expect(faultsOf('SessionApprovalEvent', events[1]?.payload)).toEqual([]);
  });

  test.each<[ApprovalRequest['state'], string]>([
    ['pending', 'pending'],
    ['approved', 'allowed'],
    ['used', 'allowed'],
    ['denied', 'denied'],
    ['expired', 'expired'],
  ])('that is %s is %s to a client of the protocol', async (state, status) => {
    const house = await houseOf([], { requests: () => ({ requests: [{ ...waiting, state }] }) });
    const { client } = await connect(house, bob);
    const told = await client.request('approval.get', { id: requestId });

    expect(told).toMatchObject({ approval: { id: requestId, status } });
    expect(faultsOf('ApprovalGetResult', told)).toEqual([]);
  });

  test('is shown also where its bytes were lost', async () => {
    const lost = { ...waiting, intent: '' };
    const house = await houseOf([], { requests: () => ({ requests: [lost] }) });
    const { client } = await connect(house, bob);
    const told = await client.request('approval.get', { id: requestId });

    expect(told).toMatchObject({
      approval: { status: 'pending', presentation: { detail: 'what would run is lost' } },
    });
    expect(faultsOf('ApprovalGetResult', told)).toEqual([]);
  });

  test('is decided by nobody who does not sign', async () => {
    const house = await houseOf([]);
    const { client } = await connect(house, bob);
    const resolve = { id: requestId, kind: 'plugin', decision: 'allow-once' };

    await expect(client.request('approval.resolve', resolve)).rejects.toMatchObject({
      gatewayCode: 'GATEWAY_SIGNATURE_REQUIRED',
    });
    await expect(client.request('approval.get', { id: 'r-none' })).rejects.toMatchObject({
      gatewayCode: 'GATEWAY_REQUEST_UNKNOWN',
    });
  });
});
