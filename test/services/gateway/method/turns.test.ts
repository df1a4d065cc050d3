import { agent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { checkToken, startHouse, tokenOf } from '../house.ts';

const reader = tokenOf('ada', 'read');
const asker = tokenOf('ada', 'read', 'ask');
const digest = 'ab'.repeat(32);
const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };
const call = { actuator: 'exec', arguments: { argv: ['true'] } };

/** A house that counts the sessions that it opens, and names those that were explained in. */
async function houseOf() {
  const opened: unknown[] = [];
  const explained: string[] = [];
  const house = await startHouse({
    policy: {
      checkToken,
      openSession: (question) => {
        opened.push(question);
        return { receipt, delegation: '' };
      },
    },
    tools: { openWorkspace: () => ({ tree: digest }) },
    agent: {
      openSession: () => ({ did: `did:key:z6Mk${'a'.repeat(44)}` }),
      beginSession: () => ({}),
      explain: (question) => {
        explained.push(agent.calls.explain.request.parse(question).session);
        return { verdict: 'deny', policy: digest, preset: 'floor', steps: [] };
      },
    },
  });
  return { ...house, opened, explained };
}

test('who may only read opens no session by asking what policy would say', async () => {
  const { call: ask, opened } = await houseOf();
  const { status, text } = await ask('explain', call, reader);

  expect(status).toBe(403);
  expect(text).toContain('GATEWAY_SCOPE_MISSING');
  expect(opened).toEqual([]);
});

test('what policy would say is asked in one session, however often and by whatever token', async () => {
  const { call: ask, opened, explained } = await houseOf();
  await Promise.all([ask('explain', call, asker), ask('explain', call, asker)]);
  expect((await ask('explain', call, reader)).text).toContain('floor');

  expect(opened).toHaveLength(1);
  expect(new Set(explained).size).toBe(1);
  expect(explained).toHaveLength(3);
});

test('a session that is named is asked in itself', async () => {
  const { call: ask, opened, explained } = await houseOf();
  const { session } = JSON.parse((await ask('reserveSession', {}, asker)).text);
  await ask('explain', { ...call, session }, reader);

  expect(explained).toEqual([session]);
  expect(opened).toEqual([]);
});
