import {
  chmodSync,
  chownSync,
  type Dirent,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StackError } from './error.ts';
import type { Places } from './places.ts';
import { ownUid, userName } from './users.ts';

export interface Owners {
  /** The person whom the stack belongs to. */
  readonly owner: number;
  /** The user of each service; all the same where they are not isolated. */
  readonly services: Readonly<Record<string, number>>;
}

interface Folder {
  readonly mode: number;
  readonly uid: number;
  readonly gid?: number | undefined;
}

/**
 * Makes the folders of PHYSICLAW_HOME that are not there yet, and gives each to the one who writes
 * it, whoever ran the services before. To be called while none of them runs.
 *
 * @throws StackError STACK_HOME_FOREIGN when it belongs to other users and this one may not change that.
 */
export function prepareHome(places: Places, { owner, services }: Owners): void {
  const self = ownUid();
  const make = (path: string, folder: Folder) => makeFolder(path, folder, places.home);
  make(places.anchors, { mode: 0o755, uid: self });
  make(places.state, { mode: 0o711, uid: self });
  for (const [service, uid] of Object.entries(services)) {
    const folder = join(places.state, service);
    // The folder itself comes last: a start that was cut short begins again here.
    giveContents(folder, uid);
    make(folder, { mode: 0o700, uid });
  }
  make(places.logs, { mode: 0o700, uid: owner });
  make(places.people, { mode: 0o711, uid: owner });
  make(join(places.people, userName(owner)), { mode: 0o700, uid: owner });
  make(places.answers, { mode: 0o700, uid: owner });
  make(places.exports, { mode: 0o755, uid: services['tools'] ?? self });
  // The owner kills by writing a file; policy removes it when it was lifted; tools only looks.
  const group = services['policy'] === self ? undefined : services['policy'];
  make(dirname(places.killFile), { mode: 0o775, uid: owner, gid: group });
}

/**
 * Makes PHYSICLAW_HOME itself. Services pass through it to what is theirs, and cannot list it.
 *
 * @throws StackError STACK_HOME_FOREIGN when this user may not.
 */
export function makeHome(path: string): void {
  makeFolder(path, { mode: 0o711, uid: ownUid() }, path);
}

function makeFolder(path: string, { mode, uid, gid }: Folder, home: string): void {
  try {
    mkdirSync(path, { recursive: true, mode });
    const found = lstatSync(path);
    if (!found.isDirectory()) throw foreign(home, `${path} is no folder`);
    const group = gid ?? found.gid;
    if (found.uid !== uid || found.gid !== group) chownSync(path, uid, group);
    if ((found.mode & 0o7777) !== mode) chmodSync(path, mode);
  } catch (cause) {
    if (cause instanceof StackError) throw cause;
    throw foreign(home, `${path} cannot be made ready`, cause);
  }
}

/**
 * What a service left under another uid becomes the service's own. Links are given away as links,
 * and no file that has a second name: it may be somebody else's.
 */
function giveContents(folder: string, uid: number): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.uid === uid) return;
  for (const entry of contentsOf(folder)) {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    const isSure = !found.isFile() || found.nlink === 1;
    if (found.uid !== uid && isSure) lchownSync(path, uid, uid);
  }
}

function contentsOf(folder: string): Dirent[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true });
}

function foreign(home: string, what: string, cause?: unknown): StackError {
  const message = `${what}: expected ${home} to be this user's own, to write in; start as the user who started it before, or choose another PHYSICLAW_HOME`;
  return new StackError('STACK_HOME_FOREIGN', message, { cause });
}
