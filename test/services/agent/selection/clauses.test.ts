import { expect, test } from 'vitest';
import { partsOf } from '#services/agent/selection/clauses.ts';

test('fragments beyond the sixteenth are one', () => {
  const parts = partsOf(`${'a, '.repeat(10)}b? ${'c, '.repeat(10)}d`).flat();

  expect(parts).toHaveLength(16);
  expect(parts.at(-1)).toBe('c, c, c, c, c, c, d');
});

test.each([
  ['is it full? what is new; show logs', [['is it full'], ['what is new'], ['show logs']]],
  ['disks and logs, or memory', [['disks', 'logs', 'memory']]],
  ['look at disks, then at logs', [['look at disks'], ['at logs']]],
  ['version 1.2 of /etc/a.b', [['version 1.2 of /etc/a.b']]],
  ['  ?!  ', []],
])('%j has its parts', (question, parts) => {
  expect(partsOf(question)).toEqual(parts);
});
