import { expect, test } from 'vitest';
import { format } from '#appliance/answer/finding/format.ts';

test.each([
  [999, 'bytes', '999 B'],
  [1500, 'bytes', '1.50 kB'],
  [84_179_357_696, 'bytes', '84.2 GB'],
  [0, 'bytes', '0 B'],
  [99.96, 'percent', '100 %'],
  [14.7, 'percent', '14.7 %'],
  [90, 'seconds', '90 s'],
  [5400, 'seconds', '90 min'],
  [86_400, 'seconds', '24 h'],
  [604_800, 'seconds', '7 d'],
  [1_795_263_005, 'time', '2026-11-21T12:10:05Z'],
  [11.96, 'times', '12×'],
  [7, undefined, '7'],
  [true, undefined, 'true'],
])('%s as %s is %s', (value, name, shown) => {
  expect(format(value, name)).toBe(shown);
});

test('a text stays on its line, moves no cursor and has an end', () => {
  expect(format('a\n\u001B[2Jb\u202Ec', undefined)).toBe('a [2Jb c');
  expect(format('x'.repeat(500), undefined)).toHaveLength(160);
  expect(format('x'.repeat(500), 'short')).toHaveLength(60);
});

test.each([
  ['a text', 'bytes'],
  [7, 'short'],
  [7, 'roman'],
])('%s cannot be shown as %s', (value, name) => {
  expect(() => format(value, name)).toThrow(
    expect.objectContaining({ code: 'ANSWER_PHRASE_INVALID' }),
  );
});
