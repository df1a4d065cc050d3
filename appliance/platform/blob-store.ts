import { hash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Digest } from '@physiclaw/contracts';
import { asDiskFull, syncFolder, writeDurable } from './durable.ts';
import { ApplianceError } from './error.ts';

/**
 * Bytes by their SHA-256, in files of their own under two levels of folders. What is read back is
 * not trusted: whoever can write there can take a blob away, and cannot change one unseen.
 */
export class BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Resolves with the digest once the bytes are on the disk.
   *
   * @throws ApplianceError DISK_FULL when there is no room; nothing half-written stays.
   */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = hash('sha256', bytes, 'hex');
    // A damaged copy is replaced by the sound one that has just come.
    if (await this.get(digest).then(Boolean, () => false)) return digest;
    const path = this.path(digest);
    const changed = await makeFolders(dirname(path));
    // At once, so that the disk is waited for together; nobody may count on it before all are there.
    const synced = changed.map((folder) => syncFolder(folder).catch(rethrowFull(folder)));
    await Promise.all([writeDurable(path, bytes), ...synced]);
    return digest;
  }

  /**
   * @throws ApplianceError BLOB_UNKNOWN when there is none, BLOB_DAMAGED when the bytes that lie
   * there are not those of the digest.
   */
  async get(digest: string): Promise<Buffer> {
    const bytes = await readFile(this.path(digest)).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
      throw new ApplianceError('BLOB_UNKNOWN', 404, `there is no blob ${digest}`, { cause });
    });
    if (hash('sha256', bytes, 'hex') === digest) return bytes;
    throw new ApplianceError('BLOB_DAMAGED', 500, `the blob ${digest} is damaged`);
  }

  /** Whether a file lies there; `get` says whether it is sound. */
  async has(digest: string): Promise<boolean> {
    try {
      await access(this.path(digest));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Where the bytes of a digest lie, or would. @throws ZodError for what is no digest. */
  path(digest: string): string {
    const name = Digest.parse(digest);
    return join(this.#folder, name.slice(0, 2), name.slice(2, 4), name);
  }
}

/** The folders whose lists of names this changed. */
async function makeFolders(folder: string): Promise<string[]> {
  const options = { recursive: true, mode: 0o700 };
  const first = await mkdir(folder, options).catch(rethrowFull(folder));
  return first === undefined ? [] : [dirname(folder), dirname(dirname(folder))];
}

function rethrowFull(folder: string): (cause: unknown) => never {
  return (cause) => {
    throw asDiskFull(cause, folder);
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
