import { expect, test } from 'vitest';
import { partsOf } from '#services/agent/selection/clauses.ts';

test.each([
  ['is it full? what is new; show logs', [['is it full'], ['what is new'], ['show logs']]],
  ['disks and logs, or memory', [['disks', 'logs', 'memory']]],
  ['look at disks, then at logs', [['look at disks'], ['at logs']]],
  ['version 1.2 of /etc/a.b', [['version 1.2 of /etc/a.b']]],
  ['  ?!  ', []],
])('%j has its parts', (question, parts) => {
  expect(partsOf(question)).toEqual(parts);
});
