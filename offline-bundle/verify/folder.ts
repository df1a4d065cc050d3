import { constants, existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BundleError } from '../error.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * The folder that a bundle is unpacked into. It has its name only once all of it was verified;
 * until then it lies beside, and goes away with the first fault.
 */
export class Folder implements AsyncDisposable {
  readonly #target: string;
  readonly #draft: string;
  #isDone = false;

  /** @throws BundleError BUNDLE_TARGET_EXISTS when something has the name, or an earlier run was cut. */
  constructor(path: string) {
    this.#target = resolve(path);
    this.#draft = `${this.#target}.partial`;
    for (const taken of [this.#target, this.#draft]) {
      if (!existsSync(taken)) continue;
      throw new BundleError(
        'BUNDLE_TARGET_EXISTS',
        `expected nothing at ${taken}; remove it first`,
      );
    }
    mkdirSync(dirname(this.#target), { recursive: true });
    mkdirSync(this.#draft);
  }

  /** Begins a file; its path was checked with the manifest. */
  async file(path: string): Promise<FileHandle> {
    const file = join(this.#draft, path);
    mkdirSync(dirname(file), { recursive: true });
    return open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  }

  /** Gives the folder its name. */
  async finish(): Promise<void> {
    await rename(this.#draft, this.#target);
    this.#isDone = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isDone) await rm(this.#draft, { recursive: true, force: true });
  }
}
