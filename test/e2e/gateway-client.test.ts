import { GatewayClient } from '@openclaw/gateway-client';
import { methods } from '@physiclaw/contracts';
import { placesOf } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signedInClient } from '#appliance/cli/session/sign-in.ts';
import { type Stack, startStack } from './stack.ts';

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
let token: string;
beforeAll(async () => {
  stack = cleanUp.use(await startStack());
  const { cliSocket, people } = placesOf(stack.home);
  const owner = signedInClient(cliSocket, people);
  const asked = { name: 'openclaw', scopes: ['read' as const, 'ask' as const] };
  ({ token } = await owner.call('tokenCreate', methods.tokenCreate, asked));
});
afterAll(() => cleanUp.disposeAsync());

interface Said {
  readonly event: string;
  readonly payload?: unknown;
}

/** OpenClaw's own client, as it is published. */
async function connect() {
  const events: Said[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const client = new GatewayClient({
    url: `ws://localhost:${stack.port}/ws`,
    token,
    deviceIdentity: null,
    onHelloOk: resolve,
    onConnectError: reject,
    onEvent: (event) => void events.push(event),
  });
  client.start();
  await promise;
  return { client, events };
}

const question = (idempotencyKey: string) => ({
  sessionKey: 'agent:main:main',
  message: 'how full are the disks?',
  idempotencyKey,
});

async function rolesIn(client: GatewayClient): Promise<string[]> {
  const told = await client.request('chat.history', { sessionKey: 'agent:main:main' });
  const history = methods['chat.history'].reply.parse(told);
  return 'messages' in history ? history.messages.map(({ role }) => role) : [];
}

test('OpenClaw’s client asks a runbook question and gets the answer', async () => {
  const { client, events } = await connect();
  expect(await client.request('health', {})).toMatchObject({ ok: true });
  const started = await client.request('chat.send', question('one'));
  expect(started).toMatchObject({ runId: 'one', status: 'started' });
  const done = () => events.find(({ event }) => event === 'chat')?.payload;
  await expect.poll(done, { timeout: 15_000 }).toMatchObject({ runId: 'one', state: 'final' });

  expect(JSON.stringify(done())).toMatch(/no disk is filling up|is at [0-9.]+ %/);
  expect(await rolesIn(client)).toEqual(['user', 'assistant']);
  const nothing = { ok: true, aborted: false, runIds: [] };
  expect(await client.request('chat.abort', { sessionKey: 'agent:main:main' })).toEqual(nothing);
  await client.stopAndWait();
});

test('a turn goes on when its connection ends', async () => {
  const first = await connect();
  await first.client.request('chat.send', question('two'));
  await first.client.stopAndWait();
  const { client } = await connect();

  await expect
    .poll(() => rolesIn(client), { timeout: 15_000 })
    .toEqual(['user', 'assistant', 'user', 'assistant']);
  await client.stopAndWait();
});
