import { expect, test } from 'vitest';
import { floorOf } from '#services/tools/gate/gate.ts';

test.each([
  ['exec', 'read-workspace', 1],
  ['export_file', 'read-workspace', 1],
  ['plugin', 'execute', 1],
  ['plugin', 'export', 1],
  ['plugin', 'write-mount', 1],
  ['plugin', 'write-workspace', 0],
  ['plugin', 'read-mount', 0],
  ['toString', 'read-workspace', 0],
] as const)('%s with the effect %s needs %i people', (actuator, effect, people) => {
  expect(floorOf(actuator, [effect])).toBe(people);
});

test('of several effects the highest floor counts', () => {
  expect(floorOf('plugin', ['read-mount', 'write-mount'])).toBe(1);
});
