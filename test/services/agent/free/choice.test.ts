import { expect, test } from 'vitest';
import { z } from 'zod';
import { choiceSchema } from '#services/agent/free/choice.ts';

const schema = choiceSchema([
  {
    name: 'write_file',
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', maxLength: 100 },
        content: { type: 'string', maxLength: 1_048_576 },
        folder: { type: 'string', 'x-mount': 'write' },
        argv: { type: 'array', items: { type: 'string' } },
      },
      required: ['path'],
      'x-order': ['path'],
    },
  },
]);
const accepts = (value: unknown) =>
  z.fromJSONSchema(JSON.parse(JSON.stringify(schema))).safeParse(value).success;

test('a choice is a call of an actuator that is there, or the end', () => {
  expect(accepts({ call: 'write_file', arguments: { path: 'a' } })).toBe(true);
  expect(accepts({ finish: 'done' })).toBe(true);
  expect(accepts({ call: 'format_disk', arguments: {} })).toBe(false);
  expect(accepts({ call: 'write_file', arguments: {} })).toBe(false);
  expect(accepts({ call: 'write_file', arguments: { path: 'a' }, finish: 'both' })).toBe(false);
});

const given = (more: object) => ({ call: 'write_file', arguments: { path: 'a', ...more } });

test('no text and no list is without end', () => {
  expect(accepts(given({ content: 'x'.repeat(4096) }))).toBe(true);
  expect(accepts(given({ content: 'x'.repeat(4097) }))).toBe(false);
  expect(accepts(given({ path: 'x'.repeat(101) }))).toBe(false);
  expect(accepts(given({ argv: Array(65).fill('x') }))).toBe(false);
  expect(accepts({ finish: 'x'.repeat(4001) })).toBe(false);
});

test('arguments that the actuator does not have are refused', () => {
  expect(accepts({ call: 'write_file', arguments: { path: 'a', sudo: true } })).toBe(false);
});

test('our own notes on a schema are not the model’s business', () => {
  expect(JSON.stringify(schema)).not.toContain('x-');
});
