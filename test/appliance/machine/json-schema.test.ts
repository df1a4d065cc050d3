import { readFileSync } from 'node:fs';
import { configJsonSchema } from '@physiclaw/machine';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { knownKeys } from '../../../appliance/machine/json-schema.ts';

const Node = z.looseObject({
  description: z.string().optional(),
  type: z.string(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

test('the JSON Schema in the repository is the one that the configuration has', () => {
  const file = readFileSync('appliance/machine/config.schema.json', 'utf8');

  expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test('the keys that an editor can offer reach down to items of lists', () => {
  expect(knownKeys()).toEqual(
    expect.arrayContaining(['policy.budgets.callsPerTurn', 'tools.mounts[].path']),
  );
});

test.each(knownKeys())('%s is documented', (key) => {
  expect(at(key).description).toMatch(/\.$/);
});

test.each(knownKeys().filter((key) => at(key).type !== 'object' && !key.includes('[]')))(
  'the description of %s says the default',
  (key) => {
    expect(at(key).description).toMatch(/ Default [^.]+(\.[^.]+)*\.$/);
  },
);

function at(key: string): z.infer<typeof Node> {
  return key.split('.').reduce((parent, part) => {
    const child = Node.parse(parent.properties?.[part.replace('[]', '')]);
    return part.endsWith('[]') ? Node.parse(child.items) : child;
  }, Node.parse(configJsonSchema()));
}
