import { constants } from 'node:fs';
import { chmod, lstat, open, readdir, readlink } from 'node:fs/promises';
import { TreePath, type TreeEntry } from '@physiclaw/contracts';
import { codeOf } from '@physiclaw/platform';

const MiB = 1024 * 1024;

/** How large a tree may become. */
export const TREE_LIMITS = { entries: 20_000, fileBytes: 64 * MiB, totalBytes: 512 * MiB };

/** What was left behind is more than a tree may hold. */
export class TreeTooLarge extends Error {
  override name = 'TreeTooLarge';
}

export interface Scanned {
  readonly entries: TreeEntry[];
  /** Devices, sockets, pipes, and names that are no text: what a tree cannot hold. */
  readonly skipped: number;
}

/**
 * Reads a folder back that a sandbox could write, as a tree. Follows no link. Whoever calls has made
 * sure that nothing of the sandbox runs any more.
 *
 * @throws TreeTooLarge
 */
export async function scan(
  folder: string,
  keep: (bytes: Uint8Array) => Promise<string>,
  limits = TREE_LIMITS,
): Promise<Scanned> {
  const entries: TreeEntry[] = [];
  let [skipped, room] = [0, limits.totalBytes];
  const read = async (path: string) => {
    const bytes = await readRegular(`${folder}/${path}`, Math.min(room, limits.fileBytes));
    room -= bytes.length;
    return { size: bytes.length, digest: await keep(bytes) };
  };
  const paths = await pathsIn(folder, '');
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const entry = await entryAt(folder, path, read);
    if (entry === undefined) skipped += 1;
    else entries.push(entry);
    if (entry?.type === 'folder') paths.push(...(await pathsIn(folder, `${path}/`)));
    if (entries.length > limits.entries) throw new TreeTooLarge('too many entries');
  }
  return { entries, skipped };
}

async function entryAt(
  folder: string,
  path: string,
  read: (path: string) => Promise<{ size: number; digest: string }>,
): Promise<TreeEntry | undefined> {
  // Node reads bytes that are no UTF-8 as this character: nothing is found under such a name.
  if (path.includes('\uFFFD')) return undefined;
  if (!TreePath.safeParse(path).success) throw new TreeTooLarge('a path is too long');
  const status = await lstat(`${folder}/${path}`).catch(tooLong);
  if (status.isDirectory()) return { type: 'folder', path };
  if (status.isFile()) {
    const mode = (status.mode & 0o100) === 0 ? 0o644 : 0o755;
    return { type: 'file', path, mode, ...(await read(path)) };
  }
  if (!status.isSymbolicLink()) return undefined;
  const target = await readlink(`${folder}/${path}`);
  return target.includes('\uFFFD') ? undefined : { type: 'link', path, target };
}

async function pathsIn(folder: string, prefix: string): Promise<string[]> {
  const path = `${folder}/${prefix}`;
  // The run may have taken its own permissions away; nothing of it is left that could swap a link in.
  await chmod(path, 0o700).catch(tooLong);
  return (await readdir(path)).map((name) => prefix + name);
}

async function readRegular(path: string, room: number): Promise<Uint8Array> {
  await chmod(path, 0o600);
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  if ((await file.stat()).size > room) throw new TreeTooLarge('too many bytes');
  return file.readFile();
}

function tooLong(cause: unknown): never {
  if (codeOf(cause) !== 'ENAMETOOLONG') throw cause;
  throw new TreeTooLarge('a path is too long', { cause });
}
