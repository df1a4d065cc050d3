import { expect, test } from 'vitest';
import { loadRules } from '#services/policy/cedar/rules.ts';
import { judge } from '#services/policy/decision/judge.ts';
import { calls, intentOf } from '../intents.ts';

const asker = { principal: 'spiffe://test.internal/user/ada', mode: 'solo' };
const clear = { killed: undefined, budget: undefined, hardRule: undefined, approval: undefined };
const [read, exec] = ['read_file', 'exec'].map((actuator) =>
  intentOf({ ...calls[actuator], actuator }),
);
const balanced = loadRules('balanced', '');

test('stops at the first no: kill, then budgets, then hard rules', () => {
  const all = { killed: 'hard:killed', budget: 'budget:x', hardRule: 'hard:own-state' };
  const judged = [
    judge(read!, asker, { ...clear, ...all }, balanced),
    judge(read!, asker, { ...clear, ...all, killed: undefined }, balanced),
    judge(read!, asker, { ...clear, hardRule: all.hardRule }, balanced),
  ];

  expect(judged.map(({ verdict, rules }) => [verdict, ...rules])).toEqual([
    ['deny', 'hard:killed'],
    ['deny', 'budget:x'],
    ['deny', 'hard:own-state'],
  ]);
  expect(judged.map(({ steps }) => steps.map(({ check }) => check))).toEqual([
    ['lease'],
    ['lease', 'budgets'],
    ['lease', 'budgets', 'hard-rules'],
  ]);
});

test('no approval lifts a hard rule', () => {
  const findings = { ...clear, hardRule: 'hard:own-state', approval: 'given' } as const;

  expect(judge(exec!, asker, findings, balanced).verdict).toBe('deny');
});

test('an approval that does not count is a no, also for what needs none', () => {
  const approval = { refused: 'approval:denied' };

  expect(judge(read!, asker, { ...clear, approval }, balanced)).toMatchObject({
    verdict: 'deny',
    rules: ['approval:denied'],
  });
});

test('what an approval could allow is asked, with the rules that stand in its way', () => {
  const { verdict, rules, steps } = judge(exec!, asker, clear, balanced);

  expect({ verdict, rules }).toEqual({ verdict: 'ask', rules: ['balanced:floor'] });
  expect(steps.map(({ check, result }) => `${check} ${result}`)).toEqual([
    'lease passed',
    'budgets passed',
    'hard-rules passed',
    'cedar deny',
    'cedar-with-approval allow',
  ]);
});

test('what nothing permits is asked by that name', () => {
  const write = intentOf({ ...calls['write_file'], actuator: 'write_file' });

  expect(judge(write, asker, clear, loadRules('strict', ''))).toMatchObject({
    verdict: 'ask',
    rules: ['cedar:no-permit'],
  });
});

test('no approval lifts a forbid', () => {
  const rules = loadRules(
    'balanced',
    '@id("no-ls") forbid (principal, action, resource) when { context.command == "ls" };',
  );

  for (const approval of [undefined, 'given'] as const) {
    expect(judge(exec!, asker, { ...clear, approval }, rules)).toMatchObject({
      verdict: 'deny',
      rules: ['rule:no-ls'],
    });
  }
});

test('one no among the things that a call touches is a no to all of it', () => {
  const rules = loadRules(
    'balanced',
    '@id("no-logs") forbid (principal, action, resource == Mount::"logs");',
  );
  const mounts = ['system', 'logs'].map((name) => ({ name, access: 'read' as const }));
  const intent = intentOf({ actuator: 'disk_usage', effects: ['read-mount'], mounts });

  expect(judge(intent, asker, clear, rules)).toMatchObject({
    verdict: 'deny',
    rules: ['rule:no-logs'],
  });
});

const overflow = (approved: string) =>
  `@id("fails") forbid (principal, action, resource)
   when { (if ${approved} then 9223372036854775807 else 1) + 1 < 0 };`;

test.each([
  ['without the approval', '!context.approved', undefined],
  ['with the approval that could be had', 'context.approved', undefined],
  ['with the approval that was given', 'context.approved', 'given'],
] as const)('a rule that fails %s denies', (_when, condition, approval) => {
  const judged = judge(
    exec!,
    asker,
    { ...clear, approval },
    loadRules('balanced', overflow(condition)),
  );

  expect(judged).toMatchObject({ verdict: 'deny', rules: ['cedar:error', 'rule:fails'] });
});

test('an entry is given sixteen rules at most', () => {
  const many = Array.from(
    { length: 20 },
    (_, index) => `@id("r${index}") forbid (principal, action, resource);`,
  );

  expect(judge(read!, asker, clear, loadRules('balanced', many.join(''))).rules).toHaveLength(16);
});
