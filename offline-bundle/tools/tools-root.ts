import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfList } from '../lock/wanted.ts';
import { mirrorOf, sourcesOf } from '../program/apt.ts';
import { makeRoot } from '../program/mmdebstrap.ts';

/**
 * A root folder with the programs that the image is built with, made once for each list of them.
 *
 * `current` beside it leads to the one that was asked for last. It is no part of a bundle: what is
 * built with it is signed, and checked by what is in the bundle.
 */
export async function toolsRoot(
  cache: string,
  suite: string,
  packages: readonly string[],
): Promise<string> {
  const name = digestOfList(suite, packages).slice(0, 16);
  const folder = join(cache, 'tools');
  const root = join(folder, name);
  if (!existsSync(root)) {
    mkdirSync(folder, { recursive: true });
    const draft = `${root}.draft`;
    rmSync(draft, { recursive: true, force: true });
    await makeRoot(draft, suite, packages, sourcesOf(await mirrorOf(), suite));
    renameSync(draft, root);
  }
  const link = join(folder, 'current');
  rmSync(link, { force: true });
  symlinkSync(name, link);
  return root;
}
