import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { BundleError } from '../error.ts';

const Place = z.string().regex(/^(\.|[a-z][a-z/-]*)$/);

/** Which folders of a build an image holds, and where. */
export const Recipe = z.strictObject({
  entrypoint: z.array(z.string()).nonempty(),
  layers: z
    .array(z.strictObject({ from: Place, to: Place, except: z.array(z.string()).default([]) }))
    .nonempty(),
});
export type Recipe = z.infer<typeof Recipe>;

/** @throws BundleError BUNDLE_WANTED_INVALID when the file cannot be read or breaks the schema. */
export function readRecipe(file: string): Recipe {
  try {
    return Recipe.parse(parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new BundleError('BUNDLE_WANTED_INVALID', `${file}: ${why}`, { cause });
  }
}
