import { mkdir, open, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '@physiclaw/platform';

const ROOM_CODES = ['ENOSPC', 'EDQUOT'];
// An fsync that fails for want of room has lost what was written before: it is no orderly refusal.
const ROOM_CALLS = ['open', 'mkdir', 'write'];

/**
 * Resolves once the files and their names are on the disk, each whole.
 *
 * After an error some may be there, whole or in part; none is still being written.
 */
export async function writeFiles(
  root: string,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const folders = new Set<string>();
  const handles = await all(
    [...files].map(async ([path, bytes]) => {
      const file = join(root, path);
      for (const folder of await makeFolder(dirname(file))) folders.add(folder);
      const handle = opened.use(await open(file, 'w', 0o600));
      await handle.writeFile(bytes);
      return handle;
    }),
  );
  await all([
    ...handles.map((handle) => handle.sync()),
    ...Array.from(folders, (folder) => syncFolder(folder)),
  ]);
}

/** Removes files, and the folders of partial tiles that they leave empty. */
export async function removeFiles(root: string, paths: Iterable<string>): Promise<void> {
  const files = Array.from(paths, (path) => join(root, path));
  await all(files.map((file) => unlink(file).catch(unlessCode('ENOENT'))));
  const folders = new Set(files.map((file) => dirname(file)).filter((name) => name.endsWith('.p')));
  // A folder that holds the tile's newer part stays.
  await all(
    Array.from(folders, (folder) => rmdir(folder).catch(unlessCode('ENOTEMPTY', 'ENOENT'))),
  );
}

/** Whether a write failed because the disk was full, and for no worse reason. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return false;
  return ROOM_CODES.includes(String(error.code)) && ROOM_CALLS.includes(String(error.syscall));
}

/** A handler that lets errors with these codes pass: what they say is not there need not be. */
export function unlessCode(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return;
    throw error;
  };
}

/** Makes a folder; tells each whose list of names changes by what is going to lie in it. */
async function makeFolder(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  const changed = [folder];
  if (first === undefined) return changed;
  for (let at = folder; at.length >= first.length; at = dirname(at)) changed.push(dirname(at));
  return changed;
}

/** Waits for all, whatever becomes of one: what is still writing cannot be cleaned up after. */
async function all<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  const settled = await Promise.allSettled(promises);
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (reasons.length > 0) throw reasons.find((reason) => !isDiskFull(reason)) ?? reasons[0];
  return Promise.all(promises);
}
