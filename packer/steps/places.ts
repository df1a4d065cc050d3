import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const Package = z.looseObject({ version: z.string() });

/** The repository. */
export const repository = resolve(import.meta.dirname, '../..');

/** What the image calls itself. */
export const version = Package.parse(
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')),
).version;

/** Where the image and all that it is made from on the way lie. */
export const out = resolve(repository, process.env['IMAGE_OUT'] ?? 'out/image');
export const work = join(out, 'work');

/** What the image is made from, and the key that must have signed it. */
export const bundle = join(repository, `out/bundle/physiclaw-${version}.bundle`);
export const bundleKey = join(repository, 'out/bundle/bundle.pub');

/** A file of the work folder. */
export function at(...path: string[]): string {
  return join(work, ...path);
}

/**
 * The root tree with the programs that this Debian lacks; `make bundle` makes it.
 *
 * @throws Error when it is missing.
 */
export function toolsRoot(): string {
  const { PHYSICLAW_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = PHYSICLAW_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'physiclaw');
  try {
    return realpathSync(join(cache, 'tools/current'));
  } catch (cause) {
    throw new Error(`${cache} has no tools root; make it: make bundle`, { cause });
  }
}
