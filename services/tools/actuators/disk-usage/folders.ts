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
  readonly #root: string;
  readonly #cut: NotChecked[] = [];
  readonly #complaints: NotChecked[] = [];
  readonly #folders: Folder[] = [];
  /** A file with several names takes its place once. */
  readonly #linked = new Set<string>();
  readonly #deadline = performance.now() + PATIENCE_MS;
  #room: number;

  constructor(root: string, room = MOST_ENTRIES) {
    this.#root = root;
    this.#room = room;
  }

  add(path: string): void {
    try {
      const { dev } = lstatSync(`${this.#root}${path}`);
      this.#walk(path, dev, 0);
    } catch (error) {
      this.#complain(path, error);
    }
    const why = this.#spent();
    // A folder that counts for little is not among the largest: nothing else would tell.
    if (why !== undefined) this.#cut.push({ what: `${path}, in part`, why });
  }

  get notChecked(): NotChecked[] {
    const further = this.#complaints.length - MOST_COMPLAINTS;
    const rest = { what: `${further} further places`, why: 'too many to name' };
    const told = this.#complaints.slice(0, MOST_COMPLAINTS);
    return [...this.#cut, ...told, ...(further > 0 ? [rest] : [])];
  }

  largest(count: number): Folder[] {
    const bySize = (a: Folder, b: Folder) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
    return this.#folders.toSorted(bySize).slice(0, count);
  }

  #walk(path: string, device: number, depth: number): Tally {
    const tally: Tally = { bytes: 0, files: 0, complete: true };
    for (const name of this.#list(path, tally)) {
      if (this.#spent() !== undefined) {
        tally.complete = false;
        break;
      }
      this.#room -= 1;
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      const found = this.#look(child, tally);
      if (found === undefined || found.dev !== device) continue;
      if (!this.#counted(found)) tally.bytes += found.blocks * 512;
      if (!found.isDirectory()) tally.files += 1;
      else join(tally, this.#walk(child, device, depth + 1));
    }
    if (depth <= DEEPEST) this.#folders.push({ path, ...tally });
    return tally;
  }

  /** Why no more is looked at, where it is so. */
  #spent(): string | undefined {
    if (this.#room <= 0) return 'too many files';
    return performance.now() > this.#deadline ? 'too slow' : undefined;
  }

  /** Undefined for what is gone, or cannot be looked at. */
  #look(path: string, tally: Tally): Stats | undefined {
    try {
      return lstatSync(`${this.#root}${path}`, { throwIfNoEntry: false });
    } catch (error) {
      tally.complete = false;
      this.#complain(path, error);
      return undefined;
    }
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
    this.#complaints.push({ what, why: whyNot(error) });
  }
}

function join(tally: Tally, below: Tally): void {
  tally.bytes += below.bytes;
  tally.files += below.files;
  tally.complete &&= below.complete;
}
