import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './write-once.ts';

/** Makes the folder unless it is there; whose it then is, the caller checks. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
    await syncFolder(dirname(folder));
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

/** Whether the system refused with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
