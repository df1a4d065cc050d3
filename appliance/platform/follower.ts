import { audit } from '@physiclaw/contracts';
import { Frontier } from '@physiclaw/proof';
import type { Database } from './database.ts';
import type { AskedLog, Tree } from './witness.ts';

export interface FollowerOptions {
  readonly log: AskedLog;
  readonly db: Database;
  /** A table of one row that has the columns `one` and `frontier`. */
  readonly table: string;
}

/**
 * The log as far as a service has read it, entry by entry, kept in the database that holds what the
 * entries said. It hashes every entry itself, so it follows the log to a tree only if the entries
 * behind that are the ones that were read and their successors.
 *
 * The database is believed: who can write it can make the service go on from another log.
 */
export class Follower {
  readonly #options: FollowerOptions;
  #read: Frontier;

  constructor(options: FollowerOptions) {
    const { db, table } = options;
    const kept = db.prepare<[], { frontier: string }>(`SELECT frontier FROM ${table}`);
    this.#options = options;
    this.#read = new Frontier(kept.get()?.frontier);
  }

  /** The tree over all that was read. */
  get tree(): Tree {
    return this.#read;
  }

  /**
   * Reads the log up to a later tree of it. Only once all entries are known to be in it does `take`
   * get each; what it writes is kept together with how far the log was read, or not at all.
   *
   * The caller lets one call end before the next: two would take the same entries.
   *
   * @returns whether these are the entries of the tree; if not, `take` got none.
   */
  async follow(
    tree: Tree,
    take: (index: number, text: string) => void,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { log, db, table } = this.#options;
    const first = this.#read.size;
    const grown = await this.#read.follow(tree, async (from, count) => {
      const { entries } = await log.ask(audit.calls.entries, { from, count }, { signal });
      return entries;
    });
    if (grown === undefined) return false;
    if (grown.entries.length === 0) return true;
    db.transaction(() => {
      for (const [at, text] of grown.entries.entries()) take(first + at, text);
      db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (1, ?)`).run(String(grown.frontier));
    })();
    this.#read = grown.frontier;
    return true;
  }
}
