import { expect, test } from 'vitest';
import { cutProse, STRUCK } from '#services/agent/free/prose.ts';

const source = (text: string, receipt = 1) => ({
  step: `free.${receipt}`,
  artifact: String(receipt).repeat(64),
  bytes: new TextEncoder().encode(text),
  receipt,
});
const shown = (said: string, ...outputs: string[]) =>
  cutProse(
    said,
    outputs.map((text, at) => source(text, at + 1)),
  )
    .prose.map((part) => ('text' in part ? part.text : part.shown))
    .join('');

test('what an output holds is a fact, with the place where it stands', () => {
  const { prose, facts } = cutProse('It is 40 percent full.', [source('{"used":40}')]);

  expect(prose).toEqual([
    { text: 'It is ' },
    { fact: 'f1', shown: '40' },
    { text: ' percent full.' },
  ]);
  expect(facts).toMatchObject([{ value: '40', parser: 'token', range: [8, 10], receipt: 1 }]);
});

test.each([
  ['a figure', 'It is 41 percent full.', `It is ${STRUCK} percent full.`],
  ['a part of a figure', 'There are 4 of them.', `There are ${STRUCK} of them.`],
  ['a path', 'Look at /etc/passwd now.', `Look at ${STRUCK} now.`],
  ['a number in words', 'There are seven of them.', `There are ${STRUCK} of them.`],
  ['a name', 'It belongs to Mallory here.', `It belongs to ${STRUCK} here.`],
  ['an address', 'Write to eve@example.org today.', `Write to ${STRUCK} today.`],
])('%s that no output holds is struck', (_, said, cut) => {
  expect(shown(said, '{"used":40,"path":"/etc/passwords"}')).toBe(cut);
});

test('a name stands at the end of a line of a text, and in the newest output that holds it', () => {
  const { facts } = cutProse('See b.txt for it.', [
    source('"b.txt"'),
    source('"a\\nb.txt\\nc"', 2),
  ]);

  expect(facts[0]).toMatchObject({ value: 'b.txt', receipt: 2, range: [4, 9] });
});

test('the same claim is one fact', () => {
  expect(cutProse('Of 40 all 40 are used.', [source('40')]).facts).toHaveLength(1);
});

test('words move no cursor and hide nothing', () => {
  const words = shown('all \u001B[2Jis \u202Ewell');

  expect(['\u001B', '\u202E'].some((sign) => words.includes(sign))).toBe(false);
  expect(shown(`honest ${STRUCK} words`)).toBe('honest   words');
});
