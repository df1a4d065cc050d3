import { choose, mirrorOf, sourcesOf } from '../program/apt.ts';
import { Lock } from './lock.ts';
import { partsOf } from './parts.ts';
import { digestOfList, type Wanted } from './wanted.ts';

export interface LockOptions {
  /** For apt's lists: a folder that is kept makes the next lock quicker. */
  readonly cache: string;
  /** The built product. */
  readonly product: string;
  /** Of the Node in the build. */
  readonly nodeVersion: string;
}

/**
 * Asks this machine's own mirror of Debian which versions it has, and looks at the build.
 *
 * The mirror is believed as far as Debian's archive keys go.
 */
export async function resolveLock(
  { suite, packages }: Wanted,
  { cache, product, nodeVersion }: LockOptions,
): Promise<Lock> {
  const mirror = await mirrorOf();
  const chosen = await choose(`${cache}/apt`, mirror, sourcesOf(mirror, suite), packages);
  return Lock.parse({
    schema: 'physiclaw/bundle-lock/v1',
    suite,
    wanted: digestOfList(suite, packages),
    packages: chosen.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    parts: partsOf(product, nodeVersion),
  });
}
