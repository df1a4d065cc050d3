import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isRefusal, StackError } from './error.ts';
import type { Places } from './places.ts';
import { ownUid } from './users.ts';

/**
 * Makes the run folder. Its parent may be writable by everybody, so a folder of this name that
 * somebody else made is not used.
 *
 * @throws StackError STACK_RUN_FOREIGN when it is not this user's alone.
 */
export function prepareRun({ run }: Places): void {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const self = ownUid();
  const found = lstatSync(run);
  if (found.isDirectory() && found.uid === self) return;
  throw new StackError(
    'STACK_RUN_FOREIGN',
    `${run}: expected a folder of user ${self}, found one of user ${found.uid}; have it removed`,
  );
}

/**
 * Lets the services of this group make sockets there, and nobody else; without a group it is this
 * user's alone. A service cannot remove what another one made.
 */
export function openRun({ run }: Places, gid?: number): void {
  if (gid !== undefined) chownSync(run, 0, gid);
  chmodSync(run, gid === undefined ? 0o700 : 0o1771);
}

/** Makes a folder in the run folder. */
export function makeInRun({ run }: Places, name: string, mode: number): string {
  const path = join(run, name);
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  return path;
}

/** Writes each service its slice, which only it can read. Resolves to the folder. */
export function writeSlices(
  places: Places,
  slices: Readonly<Record<string, unknown>>,
  uidOf: (service: string) => number,
): string {
  const folder = makeInRun(places, 'config', 0o711);
  for (const [service, slice] of Object.entries(slices)) {
    const path = join(folder, `${service}.json`);
    rmSync(path, { force: true });
    writeFileSync(path, JSON.stringify(slice), { mode: 0o400, flag: 'wx' });
    chownSync(path, uidOf(service), -1);
  }
  return folder;
}

/**
 * Removes what a stack left in its run folder, and the folder. Never goes into the folders that
 * home and build may be mounted on: it would empty those.
 */
export function removeRun({ run }: Places): void {
  if (!existsSync(run)) return;
  for (const name of ['credentials', 'config']) {
    rmSync(join(run, name), { recursive: true, force: true });
  }
  for (const entry of readdirSync(run, { withFileTypes: true })) {
    const path = join(run, entry.name);
    if (entry.isDirectory()) removeEmpty(path);
    else rmSync(path, { force: true });
  }
  removeEmpty(run);
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    // Still mounted, or used by somebody: it stays.
    if (!isRefusal(error, 'ENOTEMPTY', 'EBUSY', 'ENOENT')) throw error;
  }
}
