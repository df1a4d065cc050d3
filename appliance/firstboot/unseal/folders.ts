import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_UID, type ServiceEntry, services } from '@physiclaw/machine';

const entries: readonly ServiceEntry[] = services;

/** The user of each service. */
export const uids: ReadonlyMap<string, number> = new Map(
  entries.map(({ name, uidOffset }) => [name, FIRST_UID + uidOffset]),
);

/** Makes the folders of PHYSICLAW_HOME, each for the one who writes it. */
export function makeFolders(home: string): void {
  make(home, 0o711, 0);
  make(join(home, 'anchors'), 0o755, 0);
  make(join(home, 'state'), 0o711, 0);
  for (const [name, uid] of uids) make(join(home, 'state', name), 0o700, uid);
  for (const { name, writes = [] } of entries) {
    for (const folder of writes) make(join(home, folder), 0o755, uids.get(name) ?? 0);
  }
}

function make(path: string, mode: number, uid: number): void {
  mkdirSync(path, { recursive: true, mode });
  const found = statSync(path);
  if (found.uid !== uid) chownSync(path, uid, uid);
  if ((found.mode & 0o7777) !== mode) chmodSync(path, mode);
}
