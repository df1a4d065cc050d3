import { verifyAnswer } from '@physiclaw/answer';
import type { Answer, AnswerBundle } from '@physiclaw/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '#test/services/agent/house.ts';
import { machineReplies } from '#test/services/agent/replies.ts';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { TestLog } from '#test/services/tools/log.ts';

let house: House;
let bundle: AnswerBundle;
beforeAll(async () => {
  house = await openHouse((empty) => {
    empty.tools.reply = machineReplies({ usedPercent: 97 });
  });
  const { id } = await house.answer({ type: 'runbook', runbook: 'sre/disk', slots: {} });
  bundle = await house.bundle(id);
});
afterAll(() => house[Symbol.asyncDispose]());

const faultsOf = (changed: AnswerBundle) => verifyAnswer(changed, house.log).join('\n');
const withAnswer = (change: (answer: Answer) => Partial<Answer>): AnswerBundle => ({
  ...bundle,
  answer: { ...bundle.answer, ...change(bundle.answer) },
});

test('what was answered holds', () => {
  expect(faultsOf(bundle)).toBe('');
});

test.each<[string, (answer: Answer) => Partial<Answer>, string]>([
  [
    'a value that was changed',
    ({ facts }) => ({ facts: facts.map((fact) => ({ ...fact, value: 1 })) }),
    'the output says something else there',
  ],
  [
    'a range that was moved',
    ({ facts }) => ({
      facts: facts.map((fact) => ({ ...fact, range: [0, 1] as [number, number] })),
    }),
    'holds no value there',
  ],
  [
    'a fact that was given another receipt',
    ({ facts }) => ({ facts: facts.map((fact) => ({ ...fact, receipt: 9 })) }),
    'receipt 9 is of another output',
  ],
  [
    'a fact of an output that is not here',
    ({ facts }) => ({ facts: facts.map((fact) => ({ ...fact, artifact: '0'.repeat(64) })) }),
    'is not here',
  ],
  [
    'a finding that cites what is no fact',
    ({ findings }) => ({ findings: findings.map((one) => ({ ...one, facts: ['f99'] })) }),
    'there is no fact f99',
  ],
  [
    'an act that is said to be done without a receipt',
    ({ acts }) => ({ acts: acts.map((act) => ({ ...act, receipt: undefined })) }),
    'is labelled done, and no receipt says so',
  ],
  ['another question', () => ({ question: 'another' }), 'the log recorded another answer'],
])('%s is found', (_, change, fault) => {
  expect(faultsOf(withAnswer(change))).toContain(fault);
});

test('a receipt of another log is found', () => {
  const other = new TestLog();
  const receipts = bundle.answer.receipts.map(({ entry }) =>
    other.append('tools', JSON.parse(entry).unmapped.event),
  );

  expect(faultsOf(withAnswer(() => ({ receipts })))).toMatch(/^receipt 1 \(entry \d+\): /);
});

test('the receipt of the answer itself is checked', () => {
  const [recorded] = bundle.answer.receipts;

  expect(faultsOf({ ...bundle, recorded: recorded! })).toBe(
    'the log recorded another answer for this turn',
  );
  expect(faultsOf({ ...bundle, recorded: { ...recorded!, proof: [] } })).toMatch(
    /^the receipt of the answer itself: /,
  );
});

test.each<[string, (answer: Answer) => Partial<Answer>, string]>([
  [
    'a severity that was softened',
    ({ findings }) => ({ findings: findings.map((one) => ({ ...one, severity: 'ok' as const })) }),
    'drawn again from the same outputs, the findings differ',
  ],
  ['a finding that was left out', () => ({ findings: [] }), 'the findings differ'],
  ['a doubt that was left out', () => ({ notChecked: [] }), 'was not checked is not told'],
])('%s is found, even where the log recorded it so', (_, change, fault) => {
  expect(faultsOf(rerecorded(withAnswer(change)))).toContain(fault);
});

test('runbooks that cannot be read draw no conclusions', () => {
  expect(faultsOf({ ...bundle, runbooks: [{}] })).toContain(
    'the conclusions cannot be drawn again',
  );
});

/** The same answer as if the agent itself had given it. */
function rerecorded(changed: AnswerBundle): AnswerBundle {
  const event = JSON.parse(bundle.recorded.entry).unmapped.event;
  const digest = digestOf(canonicalize(changed.answer));
  return { ...changed, recorded: house.log.append('agent', { ...event, digest }) };
}
