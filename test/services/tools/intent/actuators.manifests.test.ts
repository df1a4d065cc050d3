import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { builtIn } from '#services/tools/intent/actuators.ts';

const all = builtIn('/programs');
const of = (name: string) => {
  const found = all.find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`no actuator ${name}`);
  return found.manifest;
};

test('each actuator has a program, and each program is an actuator', () => {
  const built = globSync('services/tools/actuators/*/main.ts').map((file) =>
    basename(dirname(file)).replaceAll('-', '_'),
  );

  expect(all.map(({ manifest }) => manifest.name).toSorted()).toEqual(built.toSorted());
  expect(all[0]?.program).toBe('/programs/exec.js');
});

const Schema = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()),
  'x-order': z.array(z.string()),
});

test.each(all)('$manifest.name says in which order its arguments come', ({ manifest }) => {
  const { properties, required, 'x-order': order } = Schema.parse(manifest.schema);

  expect(order.toSorted()).toEqual(Object.keys(properties).toSorted());
  expect(order.slice(0, required.length)).toEqual(required);
});

test.each(all)(
  '$manifest.name names as operands only paths that it must be given',
  ({ manifest }) => {
    expect(Schema.parse(manifest.schema).required).toEqual(
      expect.arrayContaining(manifest.operands),
    );
  },
);

test('what changes something outside the workspace says so', () => {
  expect(of('exec').effects).toContain('execute');
  expect(of('export_file').effects).toContain('export');
  expect(
    all.filter(({ manifest }) => manifest.mounts.some(({ access }) => access === 'write')),
  ).toEqual([]);
});

test('what looks at the host does nothing else', () => {
  for (const name of ['disk_usage', 'log_shapes', 'process_list']) {
    expect(of(name)).toMatchObject({ effects: ['read-mount'], mounts: [{ access: 'read' }] });
  }
});

test('the folder of an export is a mount that the call names, to write', () => {
  expect(of('export_file').schema['properties']).toMatchObject({ folder: { 'x-mount': 'write' } });
});

test.each([
  ['read_file', { path: 'a', offset: 0 }, true],
  ['read_file', { path: 'a', offset: -1 }, false],
  ['read_file', {}, false],
  ['exec', { argv: ['ls', ''] }, true],
  ['exec', { argv: [] }, false],
  ['write_file', { path: 'a', content: '', mode: '755' }, true],
  ['write_file', { path: 'a', content: '', mode: '777' }, false],
  ['export_file', { path: 'a', folder: 'reports', name: 'a.md' }, true],
  ['export_file', { path: 'a', folder: 'reports', name: '../a.md' }, false],
  ['log_shapes', { until: '2026-11-21T12:00:00Z', recentMinutes: 60 }, true],
])('%s takes %j: %s', (name, given, taken) => {
  expect(z.fromJSONSchema(of(name).schema).safeParse(given).success).toBe(taken);
});

test('the longest text of each actuator fits into an intent', () => {
  const Text = z.looseObject({ maxLength: z.int() });
  const longest = all.flatMap(({ manifest }) =>
    Object.values(Schema.parse(manifest.schema).properties).flatMap((property) =>
      Text.safeParse(property).success ? [Text.parse(property).maxLength] : [],
    ),
  );

  expect(longest.length).toBeGreaterThan(0);
  // Twice a path of 4,096 characters and the rest of an intent stand beside it.
  expect(Math.max(...longest)).toBeLessThanOrEqual(262_144 - 3 * 4096);
});
