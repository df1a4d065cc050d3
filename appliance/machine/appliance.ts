import type { ServicePlaces } from './slices-of.ts';
import { FIRST_UID } from './services.ts';
import { keptPaths } from './kept.ts';

/** Where the product lies in the image. */
export const DIST = '/usr/lib/physiclaw';
/** Where the state volume is mounted. */
export const HOME = '/var/lib/physiclaw';
/** The folder of sockets, slices and credentials, in memory. */
export const RUN = '/run/physiclaw';
/** What the screen is told, a file for each fact. */
export const SCREEN = `${RUN}/screen`;
/** The console's port, on all addresses. */
export const PORT = 18_443;

/** The group that may make sockets in the run folder; every service is in it. */
export const RUN_GID = FIRST_UID - 1;
/** The user of the screen. The gateway hears him as it hears whoever started a stack. */
export const SCREEN_UID = FIRST_UID - 2;

/** How Node is started: its young generation is to stay small. */
export const NODE = [`${DIST}/bin/node`, '--max-semi-space-size=2'] as const;

/** What is different on an appliance from a stack that a person started. */
export const appliancePlaces: ServicePlaces = {
  run: RUN,
  home: HOME,
  dist: DIST,
  node: NODE[0],
  isolation: 'uid',
  attestation: 'unit',
  keyProvider: 'tpm2',
  ownerUid: SCREEN_UID,
  own: [HOME, RUN],
  masked: [HOME, '/root', '/home', ...keptPaths],
  cgroup: { version: 2, path: '/sys/fs/cgroup/system.slice/physiclaw-tools.service' },
};
