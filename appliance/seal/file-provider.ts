import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SealError } from './error.ts';
import { refuseExposed } from './exposure.ts';
import { isCode, makeFolder } from './folder.ts';
import type { KeyProvider, KeyStore, SecretKind } from './provider.ts';
import { makeSecret } from './secret.ts';
import { sweepPartials, writeOnce } from './write-once.ts';

/**
 * Keeps each secret as a plain file of mode 0600 in a folder of mode 0700. For development only:
 * whoever reads the disk, or is root, has the secrets.
 */
export const fileProvider: KeyProvider = {
  name: 'file',
  async open(folder) {
    await makeFolder(folder, 0o700);
    refuseExposed(folder, await lstat(folder), { type: 'folder', without: 0o077 });
    await sweepPartials(folder);
    return new FileKeyStore(folder);
  },
};

class FileKeyStore implements KeyStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async has(name: string): Promise<boolean> {
    try {
      await lstat(join(this.#folder, name));
      return true;
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async create(name: string, kind: SecretKind): Promise<void> {
    const path = join(this.#folder, name);
    try {
      await writeOnce(path, makeSecret(kind), 0o600);
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw cause;
      const message = `${path}: expected no secret yet, found one; it is not replaced`;
      throw new SealError('SEAL_SECRET_EXISTS', message, { cause });
    }
  }

  async read(name: string): Promise<string> {
    const path = join(this.#folder, name);
    const file = await this.#open(path);
    try {
      refuseExposed(path, await file.stat(), { type: 'file', without: 0o077 });
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }

  async #open(path: string) {
    try {
      // A link would lead to a file whose folder nobody checked; a pipe must not block us.
      return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (cause) {
      if (isCode(cause, 'ELOOP')) {
        const message = `${path}: expected a file, found a link; put the secret itself there`;
        throw new SealError('SEAL_EXPOSED', message, { cause });
      }
      if (!isCode(cause, 'ENOENT')) throw cause;
      const message = `${path}: expected a secret, found none; restore it from your backup`;
      throw new SealError('SEAL_SECRET_MISSING', message, { cause });
    }
  }
}
