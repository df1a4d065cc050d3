import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FIRST_UID, type ServiceEntry } from '@physiclaw/machine';
import type { Places } from './places.ts';
import { asUser, bind, canStart, NO_NETWORK, SETPRIV, unbind, userCan } from './program.ts';
import { makeInRun, openRun } from './run-folder.ts';
import { ownUid } from './users.ts';

/** The group that may make sockets in the run folder; every service is in it. */
export const RUN_GID = FIRST_UID - 1;

/** Where the services find what they need, and as whom they run. */
export interface Reach {
  readonly isolation: 'uid' | 'none';
  /** Why they share one user, where they do. */
  readonly reason?: string;
  /** Whether those that need no network have none. */
  readonly networks: 'own' | 'shared';
  readonly home: string;
  readonly dist: string;
  readonly node: string;
}

interface Wanted {
  readonly dist: string;
  readonly node: string;
  /** Whether this process is in a mount name space of its own. */
  readonly privateMounts: boolean;
}

/**
 * Decides how separate the services can be on this machine, and makes what they need reachable.
 *
 * As root each gets a uid of its own. It must then reach build, Node and state, whose parent
 * folders may be closed to all but root: so they are shown a second time in the run folder.
 */
export async function prepareReach(places: Places, wanted: Wanted): Promise<Reach> {
  const { home } = places;
  const plain = { home, dist: wanted.dist, node: wanted.node };
  const none = (reason: string): Reach => ({
    isolation: 'none',
    reason,
    networks: 'shared',
    ...plain,
  });
  if (ownUid() !== 0) return none('started by a plain user');
  if (!existsSync(SETPRIV)) return none(`${SETPRIV} is missing`);

  if (!canStart([SETPRIV, ...asUser(FIRST_UID, [RUN_GID]), '--'])) {
    return none('no process may become another user here');
  }
  openRun(places, RUN_GID);
  const mounted = wanted.privateMounts ? await mountAll(places, plain) : undefined;
  const closed = unreachable(mounted ?? plain);
  if (closed === undefined) {
    const networks = canStart(NO_NETWORK) ? 'own' : 'shared';
    return { isolation: 'uid', networks, ...(mounted ?? plain) };
  }
  await unmountAll(places);
  openRun(places);
  const why = mounted ? '' : ', and this machine allows no mount';
  return none(`other users cannot reach ${closed}${why}`);
}

/** The uid that a service runs as. */
export function uidOf({ isolation }: Reach, { uidOffset }: ServiceEntry): number {
  return isolation === 'uid' ? FIRST_UID + uidOffset : ownUid();
}

/** Takes back what `prepareReach` showed in the run folder. */
export async function unmountAll({ run }: Places): Promise<void> {
  for (const name of ['app', 'node', 'home']) {
    // Not mounted, or gone with the name space: in both cases there is nothing to take back.
    await unbind(join(run, name)).catch(() => undefined);
  }
}

type Paths = Pick<Reach, 'home' | 'dist' | 'node'>;

async function mountAll(places: Places, { dist, node }: Paths): Promise<Paths | undefined> {
  const shown = { home: 'home', dist: 'app', node: 'node' };
  const at = (name: string) => join(places.run, name);
  try {
    for (const name of Object.values(shown)) makeInRun(places, name, 0o755);
    await bind(places.home, at(shown.home), ['nosuid', 'nodev']);
    await bind(dist, at(shown.dist), ['ro', 'nosuid', 'nodev']);
    await bind(dirname(node), at(shown.node), ['ro', 'nosuid', 'nodev']);
  } catch {
    // A container without the right to mount. The paths may be open to all anyway.
    await unmountAll(places);
    return undefined;
  }
  return {
    home: at(shown.home),
    dist: at(shown.dist),
    node: join(at(shown.node), node.slice(dirname(node).length + 1)),
  };
}

/** What a service's user cannot reach. */
function unreachable({ home, dist, node }: Paths): string | undefined {
  if (!userCan(FIRST_UID, '-x', home)) return home;
  if (!userCan(FIRST_UID, '-x', node)) return node;
  return userCan(FIRST_UID, '-r', join(dist, 'package.json')) ? undefined : dist;
}
