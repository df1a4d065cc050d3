import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { distance, nearest } from '../../../appliance/machine/nearest.ts';

test.each([
  ['port', 'port', 0],
  ['prot', 'port', 1],
  ['prt', 'port', 1],
  ['Port', 'port', 0],
  ['ports', 'port', 1],
  ['pork', 'port', 1],
  ['', 'port', 4],
  ['port', '', 4],
])('from %s to %s it takes %i slips', (from, to, slips) => {
  expect(distance(from, to)).toBe(slips);
});

test('it takes as many slips forth as back', () => {
  assert(
    property(string({ maxLength: 8 }), string({ maxLength: 8 }), (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, a)).toBe(0);
    }),
  );
});

test('the nearest of several is the one with the fewest slips', () => {
  expect(nearest('treshold', ['margin', 'threshold'])).toBe('threshold');
});

test('of no candidates none is nearest', () => {
  expect(nearest('port', [])).toBeUndefined();
});
