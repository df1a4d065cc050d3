import { Answer } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { Printer } from '#appliance/cli/print/printer.ts';
import { Client } from '#appliance/cli/session/client.ts';
import { exitCodeOf, runTurn } from '#appliance/cli/session/turn.ts';

function answer(more: { label?: string; outcome?: string } = {}): Answer {
  const act = { actuator: 'exec', title: 'exec', rules: [] };
  const clause = { text: 'do it', words: [], nearest: [] };
  return Answer.parse({
    version: 1,
    id: `a-${'0'.repeat(32)}`,
    session: `s-${'0'.repeat(32)}`,
    turn: `t-${'0'.repeat(32)}`,
    planner: 'call',
    question: '',
    clauses: more.outcome === undefined ? [] : [{ ...clause, outcome: more.outcome }],
    findings: [],
    facts: [],
    acts: more.label === undefined ? [] : [{ ...act, label: more.label }],
    notChecked: [],
    prose: [],
    receipts: [],
  });
}

const turn = `t-${'0'.repeat(32)}`;

test.each([
  [{ label: 'done' }, 0],
  [{ outcome: 'answered', label: 'done' }, 0],
  [{ label: 'failed' }, 1],
  [{ label: 'unknown' }, 1],
  [{ label: 'refused' }, 5],
  [{ outcome: 'refused' }, 5],
  [{ outcome: 'offered' }, 8],
  [{ outcome: 'model-required' }, 8],
])('a turn with %j exits with %i', (more, code) => {
  expect(exitCodeOf({ turn, answer: answer(more) })).toBe(code);
});

test('a turn that waits says so, whatever else came of it', () => {
  const waitsFor = `r-${'0'.repeat(32)}`;

  expect(exitCodeOf({ turn, answer: answer({ label: 'refused' }), waitsFor })).toBe(6);
});

test('a turn whose events end before its answer is no answered one', async () => {
  const client = new Client('/nowhere');
  client.call = async (_name, method) => {
    await Promise.resolve();
    return method.reply.parse({ turn });
  };
  client.follow = followNothing;
  const session = `s-${'0'.repeat(32)}`;
  const task = { type: 'question', text: 'why?' } as const;
  const asked = { session, task, answers: '/nowhere', wait: false };

  await expect(runTurn(client, new Printer(true), asked)).rejects.toMatchObject({
    code: 'TURN_CUT',
    message: expect.stringContaining(turn),
  });
});

async function* followNothing(): AsyncGenerator<never> {
  await Promise.resolve();
  yield* [];
}
