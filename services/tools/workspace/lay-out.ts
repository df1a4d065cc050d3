import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TreeEntry } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import { demand } from '../errors.ts';

const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;

/**
 * Writes a copy of a tree into a folder that this call makes. Copies, no hard links: whoever writes
 * into the copy must not reach the stored bytes. Links come last, so that none is written through.
 *
 * @throws ToolsError TOOLS_BLOB_UNKNOWN when stored bytes are not those that the tree names.
 */
export async function layOut(
  entries: readonly TreeEntry[],
  folder: string,
  pathOf: (digest: string) => string,
): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  for (const { type, path } of entries) {
    const needed = join(folder, type === 'folder' ? path : dirname(path));
    await mkdir(needed, { recursive: true, mode: 0o755 });
  }
  for (const entry of entries) {
    if (entry.type !== 'file') continue;
    const path = join(folder, entry.path);
    await copyFile(pathOf(entry.digest), path, COPYFILE_EXCL | COPYFILE_FICLONE);
    const same = digestOf(await readFile(path)) === entry.digest;
    demand(same, 'TOOLS_BLOB_UNKNOWN', `the stored bytes of ${entry.path} are damaged`);
    await chmod(path, entry.mode);
  }
  for (const entry of entries) {
    if (entry.type === 'link') await symlink(entry.target, join(folder, entry.path));
  }
}
