import { execFile } from 'node:child_process';
import { agent } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { type Answers, checkToken, startHouse, tokenOf, trustDomain } from './house.ts';

const ada = tokenOf('ada', 'ask', 'read', 'audit');
const bob = tokenOf('bob', 'ask', 'read');
const digest = 'ab'.repeat(32);
const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };
const signer = signerFromSeed(generateSeed());

const sessions: Answers = {
  policy: {
    checkToken,
    openSession: () => ({ receipt, delegation: '' }),
    signIn: () => ({ person: `spiffe://${trustDomain}/user/ada`, name: 'ada', scopes: ['read'] }),
    status: () => ({
      mode: 'solo',
      preset: 'balanced',
      policy: digest,
      gate: true,
      pending: 0,
      journaled: 0,
    }),
  },
  tools: { openWorkspace: () => ({ tree: digest }) },
  agent: {
    openSession: () => ({ did: signer.did }),
    beginSession: () => ({}),
    ask: () => ({}),
    follow: (question) => eventsOf(question),
    answer: (question) => ({ answer: answerOf(agent.calls.answer.request.parse(question).turn) }),
  },
};

function eventsOf(question: unknown): unknown[] {
  const { session, turn, from } = agent.calls.follow.request.parse(question);
  const event = (sequence: number, name: string, data: object) => ({
    session,
    turn,
    sequence,
    name,
    data,
    at: '2026-11-21T00:00:00Z',
  });
  return [
    event(0, 'user.message', {}),
    event(1, 'tool.started', { actuator: 'exec' }),
    event(2, 'assistant.message', {}),
  ].slice(from);
}

function answerOf(turn: string) {
  return {
    version: 1,
    id: `a-${turn.slice(2)}`,
    session: `s-${'0'.repeat(32)}`,
    turn,
    planner: 'runbook',
    question: 'how full are the disks?',
    clauses: [],
    findings: [{ rule: 'r', severity: 'ok', sentence: [{ text: 'all is well' }], facts: [] }],
    facts: [],
    acts: [],
    notChecked: [],
    prose: [],
    receipts: [],
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const chat = (more: object = {}) => ({
  model: 'physiclaw',
  messages: [{ role: 'user', content: 'how full are the disks?' }],
  ...more,
});

async function openTurn(house: Awaited<ReturnType<typeof startHouse>>, token: string) {
  const { session } = JSON.parse((await house.call('reserveSession', {}, token)).text);
  const opened = await house.call('openSession', { session, entries: [] }, token);
  expect(opened.text).toContain(digest);
  const task = { type: 'question', text: 'how full?' };
  const { turn } = JSON.parse((await house.call('ask', { session, task }, token)).text);
  return { session, turn: String(turn) };
}

test('a person signs the nonce of the greeting, and is somebody from then on', async () => {
  const house = await startHouse(sessions);
  const { nonce, mode } = JSON.parse((await house.call('hello', {})).text);
  const type = 'physiclaw/sign-in/v1' as const;
  const signed = signStatement({ type, trustDomain, nonce, key: signer.did }, signer);
  const { credential } = JSON.parse((await house.call('signIn', signed)).text);

  expect(mode).toBe('solo');
  expect((await house.call('status', {}, credential)).status).toBe(200);
  expect((await house.call('signIn', signed)).text).toContain('GATEWAY_SIGN_IN_REFUSED');
});

test('the greeting comes also while policy is away', async () => {
  const house = await startHouse();

  expect(JSON.parse((await house.call('hello', {})).text)).toMatchObject({ mode: 'unknown' });
});

test('status names who is silent, and tells what the others say', async () => {
  const house = await startHouse(sessions);
  const { policy: told, log, silent } = JSON.parse((await house.call('status', {}, ada)).text);

  expect(told).toMatchObject({ preset: 'balanced' });
  expect(log).toMatchObject({ size: 0 });
  expect(Object.keys(silent)).toEqual(expect.arrayContaining(['tools', 'inference']));
});

test('another user of the machine is not heard on the Unix socket', async () => {
  const isRoot = process.getuid?.() === 0;
  const house = await startHouse(sessions, { owner: isRoot ? 0 : 1_000_000 });
  const told = isRoot
    ? await knockAs('65534', house.cliSocket)
    : (await house.call('hello', {})).text;

  expect(told).toContain('GATEWAY_USER_FOREIGN');
});

function knockAs(user: string, socket: string): Promise<string> {
  const script = `require('http').request({socketPath:${JSON.stringify(socket)},path:'/call/hello',method:'POST'},
    r=>r.on('data',d=>process.stdout.write(d))).end()`;
  const args = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'node', '-e', script];
  return new Promise((done) => {
    execFile('/usr/bin/setpriv', args, { cwd: '/' }, (_error, out, err) => done(out + err));
  });
}

test('what is asked without sign-in, scope or by a foreign name is refused by its code', async () => {
  const house = await startHouse(sessions);
  const { http } = house;
  const codeOf = async (...asked: Parameters<typeof http>) =>
    JSON.parse((await http(...asked)).text).error.code;
  const readOnly = bearer(tokenOf('ada', 'read'));

  expect(await codeOf('/v1/models')).toBe('GATEWAY_SIGN_IN_REQUIRED');
  expect(await codeOf('/v1/models', { headers: bearer(`pclw_t_${'x'.repeat(30)}`) })).toBe(
    'GATEWAY_SIGN_IN_REFUSED',
  );
  expect(await codeOf('/v1/chat/completions', { body: chat(), headers: readOnly })).toBe(
    'GATEWAY_SCOPE_MISSING',
  );
  expect(await codeOf('/v1/models', { headers: { host: 'evil.test' } })).toBe(
    'GATEWAY_HOST_REFUSED',
  );
  expect(await codeOf('/v1/models', { headers: { origin: 'http://evil.test' } })).toBe(
    'GATEWAY_ORIGIN_REFUSED',
  );
  expect(await codeOf('/admin')).toBe('GATEWAY_METHOD_UNKNOWN');
  expect(await codeOf('/v1/chat/completions', { body: { model: 1 }, headers: bearer(ada) })).toBe(
    'BAD_REQUEST',
  );
});

test('a chat completion is a turn, whole or in chunks', async () => {
  const { http } = await startHouse(sessions);
  const whole = await http('/v1/chat/completions', { body: chat(), headers: bearer(ada) });
  const streamed = await http('/v1/chat/completions', {
    body: chat({
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'disks?' }] }],
    }),
    headers: bearer(ada),
  });
  const chunks = streamed.text.split('\n\n').filter((chunk) => chunk.startsWith('data: {'));
  const text = chunks.map((chunk) => JSON.parse(chunk.slice(6)).choices[0].delta.content ?? '');

  const { object, choices, usage } = JSON.parse(whole.text);
  // What a model counted is in the log; a number that nobody counted is none.
  expect(usage).toBeUndefined();
  expect(object).toBe('chat.completion');
  expect(choices[0].message.content).toContain('all is well');
  expect(whole.headers['x-physiclaw-turn']).toMatch(/^t-[0-9a-f]{32}$/);
  expect(streamed.headers['content-type']).toContain('text/event-stream');
  expect(text.join('')).toContain('all is well');
  expect(streamed.text).toMatch(/data: \[DONE\]\n\n$/);
});

test('the agent is the only model', async () => {
  const { http } = await startHouse(sessions);
  const headers = bearer(ada);
  const listed = JSON.parse((await http('/v1/models', { headers })).text);
  const { status, text } = await http('/v1/chat/completions', {
    body: chat({ model: 'gpt' }),
    headers,
  });

  expect(listed.data.map(({ id }: { id: string }) => id)).toEqual(['physiclaw']);
  expect(status).toBe(404);
  expect(text).toContain('GATEWAY_MODEL_UNKNOWN');
});

const failing = (question: unknown) => [
  ...eventsOf(question).slice(0, 1),
  {
    ...Object(eventsOf(question)[1]),
    name: 'turn.failed',
    data: { code: 'MODEL_REQUIRED', message: 'none' },
  },
];

test('a chat whose turn fails says so by its code, in a stream too', async () => {
  const { http } = await startHouse({ ...sessions, agent: { ...sessions.agent, follow: failing } });
  const headers = bearer(ada);
  const whole = await http('/v1/chat/completions', { body: chat(), headers });
  const streamed = await http('/v1/chat/completions', { body: chat({ stream: true }), headers });

  expect(whole.status).toBe(502);
  expect(whole.text).toContain('MODEL_REQUIRED');
  expect(streamed.text).toContain('MODEL_REQUIRED');
});

test('the events of a turn go on after the last that a client saw', async () => {
  const house = await startHouse(sessions);
  const { turn } = await openTurn(house, ada);
  const path = `/v1/turns/${turn}/events`;
  const all = await house.http(path, { headers: bearer(ada) });
  const rest = await house.http(path, { headers: { ...bearer(ada), 'last-event-id': '1' } });

  expect(all.text.match(/^id: \d$/gm)).toEqual(['id: 0', 'id: 1', 'id: 2']);
  expect(all.text).toContain('event: tool.started');
  expect(rest.text.match(/^id: \d$/gm)).toEqual(['id: 2']);
});

test("another person's session is nobody else's, over either door", async () => {
  const house = await startHouse(sessions);
  const { session, turn } = await openTurn(house, ada);
  const task = { type: 'question', text: 'what is in there?' };
  const told = await Promise.all([
    house.call('ask', { session, task }, bob),
    house.call('follow', { session, turn }, bob),
    house.call('answer', { turn }, bob),
    house.call('openSession', { session, entries: [] }, bob),
    house.call('sendBlob', { session, digest, bytes: '' }, bob),
    house.call('readBlob', { session, digest, offset: 0 }, bob),
    house.call('explain', { session, actuator: 'exec', arguments: {} }, bob),
    house.http(`/v1/turns/${turn}/events`, { headers: bearer(bob) }),
    house.http(`/v1/turns/t-${'0'.repeat(32)}/events`, { headers: bearer(bob) }),
  ]);

  for (const { status, text } of told) {
    expect(text).toContain('GATEWAY_SESSION_FOREIGN');
    expect(status).toBe(403);
  }
});

test('who asks too fast is told to wait, and others are not', async () => {
  const { http } = await startHouse(sessions);
  const asked = await Promise.all(
    Array.from({ length: 100 }, () => http('/v1/models', { headers: bearer(ada) })),
  );

  expect(asked.map(({ status }) => status)).toContain(429);
  expect(asked.some(({ text }) => text.includes('GATEWAY_TOO_MANY_REQUESTS'))).toBe(true);
  expect((await http('/v1/models', { headers: bearer(bob) })).status).toBe(200);
});

test('the metrics tell requests by method and code, memory and age', async () => {
  const house = await startHouse(sessions);
  await house.call('hello', {});
  await house.call('erase-everything', {});
  await house.call('status', {});
  const { text } = await house.http('/metrics', { headers: bearer(ada) });

  expect(text).toContain('physiclaw_calls_total{call="hello",outcome="ok"} 1');
  expect(text).toContain('{call="unknown",outcome="GATEWAY_METHOD_UNKNOWN"} 1');
  expect(text).toContain('{call="status",outcome="GATEWAY_SIGN_IN_REQUIRED"} 1');
  expect(text).toMatch(/process_resident_memory_bytes [1-9]/);
  expect(text).toMatch(/process_uptime_seconds [0-9]/);
});

test('a port that another program holds is named', async () => {
  const { port } = await startHouse(sessions);

  await expect(startHouse(sessions, { port })).rejects.toMatchObject({ code: 'GATEWAY_PORT_BUSY' });
});

test('what a service refuses reaches the caller by its code, what nobody foresaw does not', async () => {
  const house = await startHouse({
    ...sessions,
    tools: {
      actuators: () => {
        throw new ApplianceError('TOOLS_SANDBOX_MISSING', 503, 'no sandbox can be made');
      },
    },
    inference: {
      list: () => {
        throw new Error('the password is 1234');
      },
    },
  });

  expect((await house.call('actuators', {}, ada)).text).toContain('TOOLS_SANDBOX_MISSING');
  expect((await house.call('modelList', {}, ada)).text).not.toContain('1234');
});
