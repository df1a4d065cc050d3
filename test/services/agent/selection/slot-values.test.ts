import { readRunbook } from '@physiclaw/answer';
import { expect, test } from 'vitest';
import { valuesIn } from '#services/agent/selection/slot-values.ts';

const slot = (type: string) => ({ type, title: type });
const runbook = readRunbook(
  {
    id: 'a/b',
    title: 't',
    asks: ['one thing', 'two things', 'three things'],
    slots: {
      path: slot('path'),
      recent: slot('duration'),
      earlier: slot('duration'),
      count: slot('number'),
      unit: slot('unit'),
      words: slot('text'),
    },
  },
  'test',
);

test.each([
  ['what fills /var/lib?', { path: '/var/lib' }],
  ['errors of the last 2 hours', { recent: '2h' }],
  ['errors of the past day', { recent: '1d' }],
  ['errors in 30min', { recent: '30min' }],
  ['the top 5 of them', { count: '5' }],
  ['is the unit nginx.service up', { unit: 'nginx.service' }],
  ['look for "out of memory"', { words: 'out of memory' }],
  ['nothing of the kind', {}],
])('%j fills %j', (text, slots) => {
  expect(valuesIn(text, [runbook])).toEqual({ slots, open: [] });
});

test('two values for one slot leave it open', () => {
  expect(valuesIn('compare /var and /srv', [runbook]).open).toEqual(['path']);
});

test('the same value twice is one', () => {
  expect(valuesIn('/var, only /var', [runbook])).toEqual({ slots: { path: '/var' }, open: [] });
});

test('what does not fit the type of a slot is none of its values', () => {
  expect(valuesIn('is the unit "a b c" up', [runbook]).slots).not.toHaveProperty('unit');
});
