import { existsSync, readFileSync } from 'node:fs';
import { audit } from '@physiclaw/contracts';
import { codeOf, type Peer } from '@physiclaw/platform';
import {
  type Checkpoint,
  decodeBase64,
  Frontier,
  hashLeaf,
  openCheckpoint,
  verifyConsistency,
} from '@physiclaw/proof';
import { keep } from '../disk/keep.ts';
import { SiemError } from '../errors.ts';

export interface Entry {
  readonly index: number;
  readonly text: string;
  readonly leaf: Uint8Array;
}

/** A checkpoint that continues every earlier one, and the note that it was read from. */
export interface Accepted extends Checkpoint {
  readonly note: string;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** The frontier behind the last of them. */
  readonly after: string;
  /** The tree that they were proven to be in. */
  readonly size: number;
}

export interface HistoryOptions {
  readonly log: Pick<Peer, 'ask'>;
  /** The log's verifier key, from the anchors. */
  readonly vkey: string;
  /**
   * Where the last accepted checkpoint is kept. It is believed: who can write it can make this
   * service forget a part of the log that it has not sent yet, and nothing before that.
   */
  readonly path: string;
}

const PAGE = 256;
/** What the log answers about a size that it no longer has. */
const SHRUNK = 'AUDIT_INDEX_BEYOND_LOG';

/**
 * The log as this service reads it: nothing is handed on that is not proven to stand in a tree
 * that continues every tree that was accepted, and every entry that was handed on before.
 */
export class History {
  readonly #options: HistoryOptions;
  #accepted: Accepted | undefined;
  #refused = '';
  #looking: Promise<Accepted> | undefined;

  /** @throws SiemError SIEM_LOG_FORKED when what was kept is no checkpoint of this log. */
  constructor(options: HistoryOptions) {
    this.#options = options;
    if (!existsSync(options.path)) return;
    this.#accepted = proven(() => this.#open(readFileSync(options.path, 'utf8')));
  }

  get accepted(): Accepted | undefined {
    return this.#accepted;
  }

  /** The last note that was not accepted. */
  get refused(): string {
    return this.#refused;
  }

  /**
   * The log's checkpoint, once it is known to continue the one accepted before.
   *
   * @throws SiemError SIEM_LOG_FORKED when it does not; ApplianceError while the log is away.
   */
  look(): Promise<Accepted> {
    // One at a time: two answers that overtake each other would look like a log that shrank.
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * The entries that follow a frontier, as many as one question brings; none at the log's end.
   *
   * @throws SiemError SIEM_LOG_FORKED; ApplianceError while the log is away.
   */
  async page(frontier: string): Promise<Page> {
    const grown = new Frontier(frontier);
    const known = this.#accepted;
    const tree = known && grown.size < known.size ? known : await this.look();
    const entries = grown.size < tree.size ? await this.#read(grown, tree.size) : [];
    await this.#prove(grown, tree);
    return { entries, after: String(grown), size: tree.size };
  }

  async #look(): Promise<Accepted> {
    const { checkpoint } = await this.#options.log.ask(audit.calls.checkpoint, {});
    if (checkpoint === this.#accepted?.note) return this.#accepted;
    try {
      const next = proven(() => this.#open(checkpoint));
      if (this.#accepted) await this.#prove(this.#accepted, next);
      await keep(this.#options.path, checkpoint);
      this.#accepted = next;
      return next;
    } catch (error) {
      if (codeOf(error) === 'SIEM_LOG_FORKED') this.#refused = checkpoint;
      throw error;
    }
  }

  async #read(grown: Frontier, size: number): Promise<Entry[]> {
    const from = grown.size;
    const count = Math.min(PAGE, size - from);
    const page = await this.#ask(() => this.#options.log.ask(audit.calls.entries, { from, count }));
    const texts = page.entries.slice(0, count);
    if (texts.length === 0) throw forked(`the log has no entry ${from}`);
    return texts.map((text, at) => {
      const leaf = hashLeaf(Buffer.from(text));
      grown.add(leaf);
      return { index: from + at, text, leaf };
    });
  }

  /** Shows that the newer tree is the older one with something appended, or nothing. */
  async #prove(older: Tree, newer: Tree): Promise<void> {
    const [from, to] = [older.size, newer.size];
    // Every log continues the empty one: there is nothing to show.
    if (from === 0) return;
    if (from > to) throw forked(`it has ${to} entries, and had ${from}`);
    const question = { from, to };
    const { proof } =
      from === to
        ? { proof: [] }
        : await this.#ask(() => this.#options.log.ask(audit.calls.consistency, question));
    const [fromRoot, toRoot] = [older.root, newer.root];
    proven(() => verifyConsistency({ from, to, fromRoot, toRoot, proof: proof.map(decodeBase64) }));
  }

  async #ask<Reply>(question: () => Promise<Reply>): Promise<Reply> {
    try {
      return await question();
    } catch (cause) {
      if (codeOf(cause) !== SHRUNK) throw cause;
      throw forked('it no longer has what it had', cause);
    }
  }

  #open(note: string): Accepted {
    return { note, ...openCheckpoint(note, this.#options.vkey) };
  }
}

type Tree = Pick<Checkpoint, 'size' | 'root'>;

function proven<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (cause) {
    throw forked(cause instanceof Error ? cause.message : 'there is no proof', cause);
  }
}

function forked(found: string, cause?: unknown): SiemError {
  const message = `expected the log that was exported so far, with more behind it; found another: ${found}. Keep what the receiver has, and run: physiclaw audit verify`;
  return new SiemError('SIEM_LOG_FORKED', message, { cause });
}
