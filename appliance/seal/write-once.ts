import { randomUUID } from 'node:crypto';
import { link, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PARTIAL = /^\.[0-9a-f-]{36}\.partial$/;

/**
 * Writes a file that must not be there yet. It is whole and durable when this resolves; after a
 * crash it is whole or absent.
 *
 * @throws Error EEXIST when it is there; it is left as it is.
 */
export async function writeOnce(path: string, text: string, mode: number): Promise<void> {
  const partial = join(dirname(path), `.${randomUUID()}.partial`);
  try {
    const file = await open(partial, 'wx', mode);
    try {
      await file.writeFile(text);
      // The mode given to `open` is cut by the umask.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link refuses to replace.
    await link(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  await syncFolder(dirname(path));
}

/**
 * Removes what crashes left of `writeOnce`: it may hold half a secret. A writer at work in the
 * same folder then fails to link, and writes nothing.
 */
export async function sweepPartials(folder: string): Promise<void> {
  const partials = (await readdir(folder)).filter((name) => PARTIAL.test(name));
  for (const name of partials) await rm(join(folder, name), { force: true });
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
