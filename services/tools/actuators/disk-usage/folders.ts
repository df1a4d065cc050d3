import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { type NotChecked, whyNot } from '../serve.ts';

export type Folder = {
  readonly path: string;
  readonly bytes: number;
  readonly files: number;
  /** False where something below was not counted. */
  readonly complete: boolean;
};

const DEEPEST = 4;
const MOST_ENTRIES = 300_000;
const PATIENCE_MS = 10_000;
const MOST_COMPLAINTS = 20;

interface Tally {
  bytes: number;
  files: number;
  complete: boolean;
}

/** Adds up folders: of the host below `root`, within one file system each, links not followed. */
export class FolderSizes {
  readonly notChecked: NotChecked[] = [];
  readonly #root: string;
  readonly #folders: Folder[] = [];
  /** A file with several names takes its place once. */
  readonly #linked = new Set<string>();
  readonly #deadline = performance.now() + PATIENCE_MS;
  #room = MOST_ENTRIES;

  constructor(root: string) {
    this.#root = root;
  }

  add(path: string): void {
    try {
      const { dev } = lstatSync(`${this.#root}${path}`);
      this.#walk(path, dev, 0);
    } catch (error) {
      this.#complain(path, error);
    }
  }

  largest(count: number): Folder[] {
    const bySize = (a: Folder, b: Folder) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
    return this.#folders.toSorted(bySize).slice(0, count);
  }

  #walk(path: string, device: number, depth: number): Tally {
    const tally: Tally = { bytes: 0, files: 0, complete: true };
    for (const name of this.#list(path, tally)) {
      if (this.#room <= 0 || performance.now() > this.#deadline) {
        tally.complete = false;
        break;
      }
      this.#room -= 1;
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      const found = lstatSync(`${this.#root}${child}`, { throwIfNoEntry: false });
      if (found === undefined || found.dev !== device) continue;
      if (!this.#counted(found)) tally.bytes += found.blocks * 512;
      if (!found.isDirectory()) tally.files += 1;
      else join(tally, this.#walk(child, device, depth + 1));
    }
    if (depth <= DEEPEST) this.#folders.push({ path, ...tally });
    return tally;
  }

  #list(path: string, tally: Tally): string[] {
    try {
      return readdirSync(`${this.#root}${path}`).toSorted();
    } catch (error) {
      tally.complete = false;
      this.#complain(path, error);
      return [];
    }
  }

  #counted(found: Stats): boolean {
    if (found.nlink < 2 || found.isDirectory()) return false;
    const key = `${found.dev}:${found.ino}`;
    const before = this.#linked.has(key);
    this.#linked.add(key);
    return before;
  }

  #complain(what: string, error: unknown): void {
    if (this.notChecked.length < MOST_COMPLAINTS)
      this.notChecked.push({ what, why: whyNot(error) });
  }
}

function join(tally: Tally, below: Tally): void {
  tally.bytes += below.bytes;
  tally.files += below.files;
  tally.complete &&= below.complete;
}
