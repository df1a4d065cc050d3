import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { like } from '#appliance/proof/capability/policy.ts';

test.each([
  ['', '', true],
  ['a', '', false],
  ['', '*', true],
  ['abc', 'abc', true],
  ['abc', 'ab', false],
  ['abc', 'a*', true],
  ['abc', '*c', true],
  ['abc', 'a*c', true],
  ['abc', 'a*b', false],
  ['abc', '*b*', true],
  ['ab', 'a*b*b', false],
  ['aba', 'aba*aba', false],
  ['abXabYab', 'ab*ab*ab', true],
  ['abab', 'ab*ab*ab', false],
  ['a*c', String.raw`a\*c`, true],
  ['abc', String.raw`a\*c`, false],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  [String.raw`a\c`, String.raw`a\c`, true],
  ['a\nc', 'a*c', true],
])('%j is like %j: %j', (text, pattern, expected) => {
  expect(like(text, pattern)).toBe(expected);
});

test('a text is like itself with any part of it left out', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (start, middle, end) => {
      const [first, last] = [start, end].map((part) => part.replaceAll(/[*\\]/g, ''));
      expect(like(`${first}${middle}${last}`, `${first}*${last}`)).toBe(true);
    }),
  );
});

test('many wildcards take no more time than one', () => {
  expect(like('a'.repeat(20_000), `${'*a'.repeat(2000)}*b`)).toBe(false);
});
