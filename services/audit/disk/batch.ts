import { rmdirSync, unlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDiskFull, syncFolder, unless, writeFiles } from '@physiclaw/platform';

/** The folder of the log, below the service's state: what an export is a copy of. */
export const LOG = 'log';
export const CHECKPOINT = 'log/checkpoint';
/** A checkpoint on its way: what it signs is on the disk before it is written. */
export const NEXT = 'next-checkpoint';
/** The checkpoint before the last: a log that is older was put in the place of this one. */
export const PREVIOUS = 'previous-checkpoint';

/** Room for what must be recorded on a full disk. */
export const RESERVE = 'reserve';

const PREVIOUS_DRAFT = 'previous-checkpoint.next';

/** What one group of entries adds to the log. */
export interface Batch {
  /** Bundles and tiles by their path in the log; none of them is there yet. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly checkpoint: string;
  /** The checkpoint that is in force now. */
  readonly previous: string;
}

/**
 * Resolves once the batch is on the disk and its checkpoint in force. Superseded files are left.
 *
 * When the disk is full (`isDiskFull`) nothing of the batch remains. After any other error nobody
 * knows what is on the disk: the process must end, and the next start looks.
 */
export async function writeBatch(state: string, batch: Batch): Promise<void> {
  const data = new Map<string, Uint8Array | string>([[PREVIOUS_DRAFT, batch.previous]]);
  for (const [path, bytes] of batch.files) data.set(join(LOG, path), bytes);
  try {
    await writeFiles(state, data);
    await writeFiles(state, new Map([[NEXT, batch.checkpoint]]));
  } catch (error) {
    if (isDiskFull(error)) {
      // First the signature, for good: with it and without what it signs no start is possible.
      await dropNext(state);
      removeFiles(state, data.keys());
    }
    throw error;
  }
  await rename(join(state, PREVIOUS_DRAFT), join(state, PREVIOUS));
  await publishNext(state);
}

/** Puts the checkpoint that is on its way in force. */
export async function publishNext(state: string): Promise<void> {
  await rename(join(state, NEXT), join(state, CHECKPOINT));
  await syncFolder(join(state, LOG));
}

/** Takes a checkpoint away that is on its way, if there is one; it does not come back. */
export async function dropNext(state: string): Promise<void> {
  removeFiles(state, [NEXT]);
  await syncFolder(state);
}

/** Removes files, and the folders of partial tiles that they leave empty. */
export function removeFiles(root: string, paths: Iterable<string>): void {
  for (const path of paths) {
    const file = join(root, path);
    unless(['ENOENT'], () => unlinkSync(file));
    // A folder that holds the tile's newer part stays.
    if (dirname(file).endsWith('.p')) {
      unless(['ENOTEMPTY', 'ENOENT'], () => rmdirSync(dirname(file)));
    }
  }
}
