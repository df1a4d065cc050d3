import { z } from 'zod';
import { Config } from './config.ts';

/** The schema of the configuration file for editors: JSON Schema, draft 2020-12. */
export function configJsonSchema(): z.core.JSONSchema.JSONSchema {
  return {
    title: 'Physiclaw configuration',
    ...z.toJSONSchema(Config, { io: 'input', target: 'draft-2020-12' }),
  };
}

/** Every key of the file as a dotted path; keys of a list's items stand behind `[]`. */
export function knownKeys(): string[] {
  return keysOf(configJsonSchema(), '');
}

function keysOf(schema: z.core.JSONSchema.JSONSchema, prefix: string): string[] {
  const { properties = {}, items } = schema;
  const own = Object.entries(properties).flatMap(([key, value]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return typeof value === 'boolean' ? [path] : [path, ...keysOf(value, path)];
  });
  const item =
    typeof items === 'object' && !Array.isArray(items) ? keysOf(items, `${prefix}[]`) : [];
  return [...own, ...item];
}
