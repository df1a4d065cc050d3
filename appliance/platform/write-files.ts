import { closeSync, fsync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

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
  const opened: number[] = [];
  const folders = new Set<string>();
  try {
    // Into the page cache at once, without a trip through a thread for each step; then the wait.
    for (const [path, bytes] of files) {
      const file = join(root, path);
      for (const folder of makeFolder(dirname(file))) folders.add(folder);
      const fd = openSync(file, 'w', 0o600);
      opened.push(fd);
      writeFileSync(fd, bytes);
    }
    for (const folder of folders) opened.push(openSync(folder, 'r'));
    await sync(opened);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Whether a write failed because the disk was full, and for no worse reason. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return false;
  return ROOM_CODES.includes(String(error.code)) && ROOM_CALLS.includes(String(error.syscall));
}

/** Does something, unless it fails with one of these codes: then there is nothing to do. */
export function unless<Result>(codes: readonly string[], work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) {
      return undefined;
    }
    throw error;
  }
}

/** Makes a folder; tells each whose list of names changes by what is going to lie in it. */
function makeFolder(folder: string): string[] {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  const changed = [folder];
  if (first === undefined) return changed;
  for (let at = folder; at.length >= first.length; at = dirname(at)) changed.push(dirname(at));
  return changed;
}

/** Waits for every one, whatever becomes of another: then the files can be closed. */
async function sync(opened: readonly number[]): Promise<void> {
  const ends = await Promise.allSettled(opened.map((fd) => promisify(fsync)(fd)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
