import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import type { Logger } from '@physiclaw/platform';

/** Where copies of trees lie while a run sees them. Nothing in it outlives its run. */
export class Scratch {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Removes what runs of an earlier process left. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#clear(await readdir(this.#folder));
  }

  /** A path at which nothing lies yet; what is made there is removed at the end. */
  place(): { readonly path: string } & AsyncDisposable {
    const name = randomUUID();
    const path = `${this.#folder}/${name}`;
    return { path, [Symbol.asyncDispose]: () => this.#clear([name]) };
  }

  async #clear(names: string[]): Promise<void> {
    try {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        names.push(...(await this.#clearOne(`${this.#folder}/${name}`)));
      }
    } catch (err) {
      // It is tried again at the next start; no act hangs on it.
      this.#logger.warn({ err }, 'a scratch folder is left behind');
    }
  }

  /**
   * Removes a folder and moves the folders in it up beside it: a sandbox can nest them deeper than
   * a path can say, and take away every permission.
   */
  async #clearOne(folder: string): Promise<string[]> {
    const moved: string[] = [];
    await chmod(folder, 0o700);
    for (const child of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([Buffer.from(`${folder}/`), child.name]);
      if (child.isDirectory()) {
        const name = randomUUID();
        await chmod(path, 0o700);
        await rename(path, `${this.#folder}/${name}`);
        moved.push(name);
      } else {
        await unlink(path);
      }
    }
    await rmdir(folder);
    return moved;
  }
}
