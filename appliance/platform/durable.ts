import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApplianceError, codeOf } from './error.ts';

export interface WriteOptions {
  /** Permission bits, whatever the umask; 0600 where absent. */
  mode?: number;
  /** Refuses, with EEXIST, to replace a file. */
  exclusive?: boolean;
}

/**
 * Resolves once the file is on the disk under its name, whole: a crash leaves the old or the new
 * one, never a part.
 *
 * @throws ApplianceError DISK_FULL when there is no room; nothing is left behind then.
 */
export async function writeDurable(
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o600, exclusive = false }: WriteOptions = {},
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDraft(draft, bytes, mode);
    // A link, unlike a rename, does not replace what lies there.
    await (exclusive ? link(draft, path) : rename(draft, path));
    if (exclusive) await unlink(draft);
  } catch (error) {
    // The draft may not exist; the reason of the failure is the one to tell.
    await unlink(draft).catch(() => undefined);
    throw asDiskFull(error, path);
  }
  await syncFolder(dirname(path));
}

/**
 * Resolves once the file is on the disk, or known not to fit, for what a full disk must not stop.
 *
 * @returns whether it was written; if not, the old file lies there.
 */
export async function writeIfRoom(path: string, bytes: Uint8Array | string): Promise<boolean> {
  try {
    await writeDurable(path, bytes);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'DISK_FULL') throw error;
    return false;
  }
}

/**
 * Resolves once the bytes are at the end of the file on the disk. After a failure the file is as
 * long as before.
 *
 * @throws ApplianceError DISK_FULL when there is no room.
 */
export async function appendDurable(handle: FileHandle, bytes: Uint8Array | string): Promise<void> {
  const { size } = await handle.stat();
  try {
    await handle.appendFile(bytes);
    await handle.datasync();
  } catch (error) {
    await handle.truncate(size);
    throw asDiskFull(error, 'append');
  }
}

/** Resolves once the names in a folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

const FULL = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** DISK_FULL in place of the words of the system or of SQLite for it; any other error as it is. */
export function asDiskFull(cause: unknown, what: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!FULL.includes(code)) return cause;
  return new ApplianceError('DISK_FULL', 507, `no room on the disk: ${what}`, { cause });
}

async function writeDraft(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  await using draft = await open(path, 'wx', mode);
  await draft.writeFile(bytes);
  await draft.chmod(mode);
  await draft.sync();
}
