import type { ActuatorManifest } from '@physiclaw/contracts';
import { z } from 'zod';

/** What a model chose: the next call, or the end. */
export const Choice = z.union([
  z.strictObject({ call: z.string(), arguments: z.record(z.string(), z.json()) }),
  z.strictObject({ finish: z.string() }),
]);
export type Choice = z.infer<typeof Choice>;

const LONGEST_TEXT = 4096;
const LONGEST_ANSWER = 4000;
const MOST_ITEMS = 64;

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema of a choice among some actuators: each string and list in it has an end. */
export function choiceSchema(actuators: readonly Pick<ActuatorManifest, 'name' | 'schema'>[]) {
  const calls = actuators.map(({ name, schema }) =>
    exactly({ call: { type: 'string', const: name }, arguments: bounded(schema) }),
  );
  const finish = exactly({ finish: { type: 'string', minLength: 1, maxLength: LONGEST_ANSWER } });
  return { type: 'object', oneOf: [...calls, finish] };
}

function exactly(properties: Record<string, object>): object {
  const required = Object.keys(properties);
  return { type: 'object', properties, required, additionalProperties: false };
}

function bounded(schema: Schema): Schema {
  const entries = Object.entries(schema).filter(([key]) => !key.startsWith('x-'));
  const plain = Object.fromEntries(entries.map(([key, value]) => [key, boundedBelow(value)]));
  return { ...plain, ...limitsOf(schema) };
}

function boundedBelow(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(boundedBelow);
  return typeof value === 'object' && value !== null ? bounded({ ...value }) : value;
}

function limitsOf({ type, maxLength, maxItems }: Schema): Schema {
  if (type === 'string') return { maxLength: least(maxLength, LONGEST_TEXT) };
  if (type === 'array') return { maxItems: least(maxItems, MOST_ITEMS) };
  return type === 'object' ? { additionalProperties: false } : {};
}

function least(given: unknown, most: number): number {
  return typeof given === 'number' ? Math.min(given, most) : most;
}
