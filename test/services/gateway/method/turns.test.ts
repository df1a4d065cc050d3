import { agent } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { checkToken, startHouse, tokenOf } from '../house.ts';

const reader = tokenOf('ada', 'read');
const asker = tokenOf('ada', 'read', 'ask');
const digest = 'ab'.repeat(32);
const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };
const other = tokenOf('bob', 'read', 'ask');
const call = { actuator: 'exec', arguments: { argv: ['true'] } };

/** A house that counts the sessions that it opens, and names those that were explained in. */
async function houseOf() {
  const opened: unknown[] = [];
  const explained: string[] = [];
  const bundles = new Map<string, object>();
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
      answerBundle: (question) => {
        const bundle = bundles.get(agent.calls.answerBundle.request.parse(question).id);
        if (bundle) return bundle;
        throw new ApplianceError('AGENT_ANSWER_UNKNOWN', 404, 'there is no such answer');
      },
    },
  });
  return { ...house, opened, explained, bundles };
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

test('an answer with all that it was made of is had by whoever asked, and by nobody else', async () => {
  const { call: ask, bundles } = await houseOf();
  const { session } = JSON.parse((await ask('reserveSession', {}, asker)).text);
  const bundle = bundleOf(session);
  const { id } = bundle.answer;
  bundles.set(id, bundle);
  const foreign = await ask('answerBundle', { id }, other);

  expect(JSON.parse((await ask('answerBundle', { id }, asker)).text)).toEqual(bundle);
  expect(foreign.status).toBe(403);
  expect(foreign.text).toContain('GATEWAY_SESSION_FOREIGN');
  expect(foreign.text).not.toContain('disks');
  expect((await ask('answerBundle', { id }, reader)).text).toContain('GATEWAY_SCOPE_MISSING');
  const none = await ask('answerBundle', { id: `a-${'0'.repeat(32)}` }, asker);
  expect(none.text).toContain('AGENT_ANSWER_UNKNOWN');
});

function bundleOf(session: string) {
  return {
    answer: {
      version: 1,
      id: `a-${'1'.repeat(32)}`,
      session,
      turn: `t-${'1'.repeat(32)}`,
      planner: 'runbook',
      question: 'how full are the disks?',
      clauses: [],
      findings: [],
      facts: [],
      acts: [],
      notChecked: [],
      prose: [],
      receipts: [],
    },
    artifacts: {},
    runbooks: [],
    steps: [],
    recorded: receipt,
  };
}
