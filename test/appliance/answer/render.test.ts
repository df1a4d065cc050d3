import type { Answer } from '@physiclaw/contracts';
import { renderAct, renderAnswer } from '@physiclaw/answer';
import { expect, test } from 'vitest';

const empty: Answer = {
  version: 1,
  id: `a-${'0'.repeat(32)}`,
  session: `s-${'0'.repeat(32)}`,
  turn: `t-${'0'.repeat(32)}`,
  planner: 'runbook',
  question: 'q',
  clauses: [],
  findings: [],
  facts: [],
  acts: [],
  notChecked: [],
  prose: [],
  receipts: [],
};
const clause = (more: Partial<Answer['clauses'][0]>): Answer['clauses'][0] => ({
  text: 'what',
  outcome: 'answered',
  words: [],
  nearest: [],
  ...more,
});
const finding = (rule: string): Answer['findings'][0] => ({
  rule,
  severity: 'notice',
  sentence: [{ text: rule }],
  facts: [],
});

test('findings beyond the room that there is are counted', () => {
  const findings = ['one', 'two', 'three'].map(finding);

  const text = renderAnswer({ ...empty, findings }, { findings: 1 });

  expect(text).toContain('notice   one\n         and 2 lesser findings');
});

test('what was not checked is grouped by its reason, and a long list is cut', () => {
  const notChecked = Array.from({ length: 60 }, (_, n) => ({
    what: `/folder-${n}`,
    why: 'masked',
  }));

  const [line = ''] = renderAnswer({ ...empty, notChecked }).split('\n');

  expect(line).toMatch(/^not checked: \/folder-0, \/folder-1, .* and \d+ more \(masked\)$/);
  expect(line.length).toBeLessThanOrEqual(160);
});

test('no line is longer than a wide terminal', () => {
  const text = renderAnswer({ ...empty, findings: [finding('long words '.repeat(60))] });

  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(160);
});

test.each([
  [{ outcome: 'refused', rule: 'some:rule', receipt: 2 }, 'refused  “what”: some:rule [2]'],
  [{ outcome: 'model-required' }, 'no answer to “what”: it needs a language model'],
  [
    { outcome: 'offered', nearest: [{ runbook: 'a/b', title: 'T', score: 0.2 }] },
    'nothing here is near enough to “what”; nearest:\n         physiclaw run a/b   T',
  ],
  [
    { outcome: 'offered', open: ['path'], nearest: [{ runbook: 'a/b', title: 'T', score: 1 }] },
    '“what” leaves path open: physiclaw run a/b path=…',
  ],
] as const)('a clause that is %o has its line', (more, line) => {
  const clauses = [
    clause({ ...more, nearest: 'nearest' in more ? [...more.nearest] : [] } as object),
  ];

  expect(renderAnswer({ ...empty, clauses })).toContain(line);
});

test('an act has its label, what it waits for, its rules and the number of its receipt', () => {
  const request = `r-${'1'.repeat(32)}`;
  const act = {
    label: 'waits',
    actuator: 'exec',
    title: 'exec ls',
    rules: ['floor'],
    request,
  } as const;

  expect(renderAct({ ...act, rules: ['floor'] })).toBe(`waits    exec ls (floor) ${request}`);
  expect(renderAct({ ...act, label: 'done', rules: [], receipt: 3 })).toBe('done     exec ls [3]');
});

test('of a runbook only acts that went wrong have a line; reading is told by its findings', () => {
  const act = { actuator: 'exec', title: 'look', rules: [] };
  const acts = [
    { ...act, label: 'done' as const },
    { ...act, label: 'failed' as const },
  ];

  expect(renderAnswer({ ...empty, acts }).match(/look/g)).toHaveLength(1);
  expect(renderAnswer({ ...empty, acts, planner: 'call' }).match(/look/g)).toHaveLength(2);
});
