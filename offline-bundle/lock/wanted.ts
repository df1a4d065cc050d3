import { readFileSync } from 'node:fs';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { parse } from 'yaml';
import { z } from 'zod';
import { BundleError } from '../error.ts';

const PackageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/);
const Folder = z.string().regex(/^[a-z][a-z0-9-]*$/);

/** What a bundle is to hold, by name; which versions, the lock says. */
export const Wanted = z.strictObject({
  suite: z.string().regex(/^[a-z]+$/),
  packages: z.array(PackageName).nonempty(),
  image: Folder,
  skills: Folder,
  policies: Folder,
  tools: z.array(PackageName).nonempty(),
});
export type Wanted = z.infer<typeof Wanted>;

/** @throws BundleError BUNDLE_WANTED_INVALID when the file cannot be read or breaks the schema. */
export function readWanted(file: string): Wanted {
  try {
    return Wanted.parse(parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new BundleError('BUNDLE_WANTED_INVALID', `${file}: ${why}`, { cause });
  }
}

/** Names a list whatever its order, so that what was made for it can be found again. */
export function digestOfList(suite: string, packages: readonly string[]): string {
  return digestOf(canonicalize({ suite, packages: [...new Set(packages)].toSorted() }));
}
