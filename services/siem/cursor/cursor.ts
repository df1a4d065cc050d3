import { existsSync, readFileSync } from 'node:fs';
import { writeIfRoom } from '@physiclaw/platform';
import { Frontier } from '@physiclaw/proof';

/** A place between two entries. */
interface Place {
  readonly size: number;
  readonly frontier: string;
}

/**
 * Where the export goes on after a break: behind what need not be sent again. Who can write its
 * file can have entries sent twice or, with the hashes of this very log, left out; any other
 * hashes look like a fork.
 */
export class Cursor {
  readonly #path: string;
  /** The first is where to go on; the others are behind pages that are on their way. */
  #places: [Place, ...Place[]];
  #saved: string;

  /** @throws Error that names the file when it is no cursor. */
  constructor(path: string) {
    this.#path = path;
    const first = placeOf(existsSync(path) ? readFrontier(path) : new Frontier());
    this.#places = [first];
    this.#saved = first.frontier;
  }

  /** How many entries need not be sent again. */
  get size(): number {
    return this.#places[0].size;
  }

  /** The frontier from which to send next. */
  get position(): string {
    return this.#last.frontier;
  }

  /** How many entries were sent. */
  get sent(): number {
    return this.#last.size;
  }

  /** What is on its way is lost: it will be sent again. */
  rewind(): void {
    this.#places = [this.#places[0]];
  }

  /** A page was sent up to here. */
  add(frontier: string): void {
    this.#places.push(placeOf(new Frontier(frontier)));
  }

  /** The first `size` entries need not be sent again. */
  pass(size: number): void {
    for (;;) {
      const [, second, ...rest] = this.#places;
      if (second === undefined || second.size > size) return;
      this.#places = [second, ...rest];
    }
  }

  /** Resolves once the place is on the disk, or there is no room for it. */
  async save(): Promise<void> {
    const { frontier } = this.#places[0];
    if (frontier === this.#saved) return;
    if (await writeIfRoom(this.#path, frontier)) this.#saved = frontier;
  }

  get #last(): Place {
    return this.#places.at(-1) ?? this.#places[0];
  }
}

function placeOf(frontier: Frontier): Place {
  return { size: frontier.size, frontier: String(frontier) };
}

function readFrontier(path: string): Frontier {
  try {
    return new Frontier(readFileSync(path, 'utf8'));
  } catch (cause) {
    const message = `expected the place that the export has reached in ${path}, found something else; remove the file to send the whole log again`;
    throw new Error(message, { cause });
  }
}
