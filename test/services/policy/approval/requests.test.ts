import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policy } from '@physiclaw/contracts';
import { BlobStore } from '@physiclaw/platform';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Events } from '#services/policy/state/events.ts';
import { decisionOf } from '../entries.ts';
import { calls, intentOf, newName } from '../intents.ts';
import { type Machine, type Opened, startMachine } from '../machine.ts';

let machine: Machine;
let session: Opened;
beforeAll(async () => {
  machine = await startMachine();
  session = await machine.open();
});
afterAll(() => machine[Symbol.asyncDispose]());

const execOf = ({ session: name }: Opened) =>
  intentOf({ session: name, ...calls['exec'], actuator: 'exec' });

function statesOf(from: Machine, request: string): () => Promise<unknown> {
  const states = from.agent.follow(policy.calls.followApproval, { request });
  return async () => {
    const { done, value } = await states.next();
    return done === true ? 'the end' : value?.state;
  };
}

test('a request shows what will run, byte for byte, and why a person is asked', async () => {
  const intent = execOf(session);
  const asked = await machine.decide(session, intent);
  const shown = await machine.requestOf(asked);

  expect(shown).toMatchObject({
    intent: canonicalize(intent),
    rules: ['balanced:floor'],
    state: 'pending',
    decision: asked.receipt.index,
    log: { origin: 'test.internal', size: asked.receipt.index + 1 },
  });
  expect(Date.parse(shown.notAfter) - Date.parse(shown.requestedAt)).toBe(3_600_000);
});

test('requests are listed by their state, the newest first', async () => {
  const [first, second] = [
    await machine.decide(session, execOf(session)),
    await machine.decide(session, execOf(session)),
  ];
  await machine.answer(second, { verdict: 'deny' });
  const names = async (state?: 'pending' | 'denied') => {
    const { requests } = await machine.gateway.ask(policy.calls.requests, state ? { state } : {});
    return requests.slice(0, 2).map(({ decision }) => decision);
  };
  const [newer, older] = [second, first].map(({ receipt }) => receipt.index);

  expect(await names()).toEqual([newer, older]);
  expect((await names('pending'))[0]).toBe(older);
  expect(await names('denied')).toEqual([newer]);
  expect((await machine.gateway.ask(policy.calls.status, {})).pending).toBeGreaterThan(0);
});

/** A machine with one request that waits, and 150 that were made after it. */
async function crowded(more: object) {
  const house = await startMachine();
  const opened = await house.open();
  const { receipt, ...asked } = await house.decide(opened, execOf(opened));
  const about = { session: opened.session, verdict: 'ask' } as const;
  using events = new Events(join(house.config.state, 'policy.db'));
  const later = Array.from({ length: 150 }, (_, at) => {
    return { ...decisionOf(900 + at, { ...about, request: newName('r') }), ...more };
  });
  events.keep(later);
  const list = async (wanted: object) =>
    (await house.gateway.ask(policy.calls.requests, wanted)).requests;
  return { house, index: receipt.index, name: 'request' in asked ? asked.request : '', list };
}

describe('a request that waits', () => {
  test('is listed and counted however many ended after it', async () => {
    const { house, name, index, list } = await crowded({ time: 0 });
    await using _ = house;

    expect(await list({ state: 'pending' })).toMatchObject([{ request: name }]);
    const listed = (await list({})).map(({ decision }) => decision);
    expect(listed.length).toBe(100);
    expect(listed.at(-1)).toBe(index);
    expect((await list({ state: 'expired' })).length).toBe(100);
    expect((await house.gateway.ask(policy.calls.status, {})).pending).toBe(1);
  });

  test('is listed and counted however many wait after it', async () => {
    const { house, name, list } = await crowded({});
    await using _ = house;

    const listed = (await list({})).map(({ request }) => request);
    expect(listed.length).toBe(100);
    expect(listed.at(-1)).toBe(name);
    expect((await house.gateway.ask(policy.calls.status, {})).pending).toBe(151);
  });

  test('and any other is found by its name', async () => {
    const { house, name, list } = await crowded({ time: 0 });
    await using _ = house;

    expect(await list({ request: name })).toMatchObject([{ request: name, state: 'pending' }]);
    expect(await list({ request: name, state: 'used' })).toEqual([]);
    expect(await list({ request: newName('r') })).toEqual([]);
    expect(await list({ request: 'r-none' })).toEqual([]);
  });
});

test.each([
  ['gone', (path: string) => rmSync(path)],
  ['damaged', (path: string) => writeFileSync(path, 'other bytes')],
])('a request whose bytes are %s is shown without them, beside the others', async (_how, harm) => {
  await using house = await startMachine();
  const opened = await house.open();
  const [lost, sound] = [execOf(opened), execOf(opened)];
  await house.decide(opened, lost);
  await house.decide(opened, sound);
  harm(new BlobStore(join(house.config.state, 'intents')).path(hashIntent(canonicalize(lost))));

  const { requests } = await house.gateway.ask(policy.calls.requests, { state: 'pending' });
  expect(requests).toMatchObject([
    { intent: canonicalize(sound) },
    { intent: '', hash: hashIntent(canonicalize(lost)), rules: ['balanced:floor'] },
  ]);
});

test('whoever follows hears of the approval, and of its use as the last', async () => {
  const intent = execOf(session);
  const asked = await machine.decide(session, intent);
  const { request } = await machine.requestOf(asked);
  const next = statesOf(machine, request);
  expect(await next()).toBe('pending');

  await machine.answer(asked);
  expect(await next()).toBe('approved');
  await machine.decide(session, intent, request);

  expect([await next(), await next()]).toEqual(['used', 'the end']);
});

test('whoever follows hears that nobody answered in time', async () => {
  await using hasty = await startMachine({ approvalMinutes: 0.003 });
  const opened = await hasty.open();
  const asked = await hasty.decide(opened, execOf(opened));
  const { request } = await hasty.requestOf(asked);
  const next = statesOf(hasty, request);

  expect([await next(), await next(), await next()]).toEqual(['pending', 'expired', 'the end']);
});

test('an approval that nobody used in time is over', async () => {
  await using hasty = await startMachine({ approvalMinutes: 0.005 });
  const opened = await hasty.open();
  const intent = execOf(opened);
  const asked = await hasty.decide(opened, intent);
  const { request } = await hasty.requestOf(asked);
  expect(await hasty.answer(asked)).toBe('approved');
  await new Promise((resolve) => setTimeout(resolve, 320));

  expect(await hasty.decide(opened, intent, request)).toMatchObject({
    verdict: 'deny',
    rules: ['approval:expired'],
  });
});

test('a request that nobody made cannot be followed', async () => {
  const next = statesOf(machine, newName('r'));

  await expect(next()).rejects.toMatchObject({ code: 'POLICY_REQUEST_UNKNOWN' });
});
