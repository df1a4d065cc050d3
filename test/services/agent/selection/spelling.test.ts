import { expect, test } from 'vitest';
import { meant } from '#services/agent/selection/spelling.ts';

const known = ['process', 'memory', 'disk', 'certificate', 'log'];

test.each([
  ['proces', 'process'],
  ['memmory', 'memory'],
  ['dsik', 'disk'],
  ['certifikats', 'certificate'],
])('%s was meant as %s', (typed, right) => {
  expect(meant(typed, known)).toBe(right);
});

test.each(['risk', 'lag', 'memo', 'procession', 'certainly'])(
  '%s is a word of its own',
  (typed) => {
    expect(meant(typed, known)).toBeUndefined();
  },
);
