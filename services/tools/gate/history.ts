import { audit } from '@physiclaw/contracts';
import type { Database, Peer } from '@physiclaw/platform';
import {
  type Checkpoint,
  decodeBase64,
  emptyRoot,
  hashChildren,
  hashLeaf,
  openCheckpoint,
  verifyConsistency,
} from '@physiclaw/proof';
import { codeOf, demand, ToolsError } from '../errors.ts';
import type { Fold } from './fold.ts';

/** The log, as this service asks it. Nothing that it says is believed without a proof. */
export type Log = Pick<Peer, 'ask'>;

export const HISTORY_TABLE = `
  CREATE TABLE history (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, peaks BLOB NOT NULL
  ) STRICT;
`;

const BATCH = 256;
const HASH_BYTES = 32;

type Tree = Pick<Checkpoint, 'size' | 'root'>;

export interface HistoryOptions {
  readonly db: Database;
  readonly log: Log;
  readonly fold: Fold;
  /** The log's verifier key, from the anchors. */
  readonly vkey: string;
  /** Told of each tree that a run left, so that workspaces follow the log. */
  readonly onTree: (session: string, tree: string, index: number) => void;
}

/**
 * The log as far as the gate has accepted it, kept durably. It hashes every entry itself, so a
 * checkpoint is accepted only if the entries behind it are the accepted ones and their successors.
 */
export class History {
  readonly #options: HistoryOptions;
  #size = 0;
  /** Roots of the full subtrees that the accepted entries make, the largest first (RFC 6962). */
  #peaks: readonly Uint8Array[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: HistoryOptions) {
    this.#options = options;
    const rows = options.db.prepare<[], { size: number; peaks: Buffer }>('SELECT * FROM history');
    const { size, peaks } = rows.get() ?? { size: 0, peaks: Buffer.alloc(0) };
    this.#size = size;
    this.#peaks = Array.from({ length: peaks.length / HASH_BYTES }, (_, at) =>
      peaks.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
  }

  /**
   * Resolves once the tree is known to be this log's, at an earlier or a later time.
   *
   * @throws ToolsError TOOLS_LOG_FORKED; PEER_UNREACHABLE while the log is down.
   */
  async accept(tree: Tree): Promise<void> {
    // One at a time: two that extend the same entries would both write what follows.
    const turn = this.#turn.then(() =>
      tree.size < this.#size ? this.#lookBack(tree) : this.#extend(tree),
    );
    this.#turn = turn.catch(() => undefined);
    try {
      await turn;
    } catch (cause) {
      if (codeOf(cause)?.startsWith('PROOF_') !== true && codeOf(cause) !== BEYOND) throw cause;
      const message = `the checkpoint of size ${tree.size} is of another log`;
      throw new ToolsError('TOOLS_LOG_FORKED', message, { cause });
    }
  }

  /** Follows the log up to its latest checkpoint. */
  async catchUp(): Promise<void> {
    const { log, vkey } = this.#options;
    const { checkpoint } = await log.ask(audit.calls.checkpoint, {});
    await this.accept(openCheckpoint(checkpoint, vkey));
  }

  async #extend({ size, root }: Tree): Promise<void> {
    const { db, log } = this.#options;
    const fresh: string[] = [];
    const peaks = [...this.#peaks];
    for (let next = this.#size; next < size; next = this.#size + fresh.length) {
      const count = Math.min(BATCH, size - next);
      const { entries } = await log.ask(audit.calls.entries, { from: next, count });
      const batch = entries.slice(0, count);
      demand(batch.length > 0, 'TOOLS_LOG_FORKED', `the log has no entry ${next}`);
      for (const [at, text] of batch.entries()) push(peaks, next + at, text);
      fresh.push(...batch);
    }
    const same = Buffer.compare(rootOf(peaks), root) === 0;
    demand(same, 'TOOLS_LOG_FORKED', `the checkpoint of size ${size} is of another log`);
    if (fresh.length === 0) return;
    db.transaction(() => {
      for (const [at, text] of fresh.entries()) this.#take(this.#size + at, text);
      const save = 'INSERT OR REPLACE INTO history (one, size, peaks) VALUES (1, ?, ?)';
      db.prepare(save).run(size, Buffer.concat(peaks));
    })();
    [this.#size, this.#peaks] = [size, peaks];
  }

  #take(index: number, text: string): void {
    const { fold, onTree } = this.#options;
    const event = fold.take(index, text);
    // Of a run that nobody saw end, no tree is known: the workspace stays as it is.
    if (event?.kind !== 'outcome' || event.status === 'unknown') return;
    onTree(event.session, event.tree, index);
  }

  async #lookBack({ size: from, root: fromRoot }: Tree): Promise<void> {
    const to = this.#size;
    const toRoot = rootOf(this.#peaks);
    const { proof } = await this.#options.log.ask(audit.calls.consistency, { from, to });
    verifyConsistency({ from, to, fromRoot, toRoot, proof: proof.map(decodeBase64) });
  }
}

const BEYOND = 'AUDIT_INDEX_BEYOND_LOG';

function push(peaks: Uint8Array[], size: number, text: string): void {
  let node = hashLeaf(new TextEncoder().encode(text));
  // Each low bit that is set in the size is a subtree that becomes whole with the new one.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    node = hashChildren(peaks.pop() ?? node, node);
  }
  peaks.push(node);
}

function rootOf(peaks: readonly Uint8Array[]): Uint8Array {
  const [last = emptyRoot(), ...larger] = peaks.toReversed();
  return larger.reduce((right, left) => hashChildren(left, right), last);
}
