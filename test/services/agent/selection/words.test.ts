import { expect, test } from 'vitest';
import { stemOf, wordsOf } from '#services/agent/selection/words.ts';

test('only words that say something are left', () => {
  expect(
    wordsOf('which of the folders below /var/log take more space?').map(({ text }) => text),
  ).toEqual(['folders', 'below', 'space']);
});

test.each([
  ['processes', 'processing'],
  ['error', 'errors'],
  ['memory', 'memories'],
  ['full', 'fully'],
  ['replication', 'replicate'],
])('%s and %s have one stem', (a, b) => {
  expect(stemOf(a)).toBe(stemOf(b));
});
