import { audit } from '@physiclaw/contracts';
import { codeOf, type Database, type Peer, Turnstile } from '@physiclaw/platform';
import {
  type Checkpoint,
  decodeBase64,
  Frontier,
  openCheckpoint,
  verifyConsistency,
} from '@physiclaw/proof';
import { demand, ToolsError } from '../errors.ts';
import type { Fold } from './fold.ts';

/** The log, as this service asks it. Nothing that it says is believed without a proof. */
export type Log = Pick<Peer, 'ask'>;

export const HISTORY_TABLE = `
  CREATE TABLE history (one INTEGER PRIMARY KEY CHECK (one = 1), frontier TEXT NOT NULL) STRICT;
`;

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
  readonly #turns = new Turnstile();
  #accepted: Frontier;

  constructor(options: HistoryOptions) {
    this.#options = options;
    const kept = options.db.prepare<[], { frontier: string }>('SELECT frontier FROM history');
    this.#accepted = new Frontier(kept.get()?.frontier);
  }

  /**
   * Resolves once the tree is known to be this log's, at an earlier or a later time.
   *
   * @throws ToolsError TOOLS_LOG_FORKED; PEER_UNREACHABLE while the log is down.
   */
  async accept(tree: Tree): Promise<void> {
    try {
      // One at a time: two that extend the same entries would both write what follows.
      await this.#turns.pass('log', () =>
        tree.size < this.#accepted.size ? this.#lookBack(tree) : this.#extend(tree),
      );
    } catch (cause) {
      if (!/^(PROOF_|AUDIT_INDEX_BEYOND_LOG$)/.test(codeOf(cause) ?? '')) throw cause;
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

  async #extend(tree: Tree): Promise<void> {
    const { db, log, fold, onTree } = this.#options;
    const first = this.#accepted.size;
    const grown = await this.#accepted.follow(tree, async (from, count) => {
      const { entries } = await log.ask(audit.calls.entries, { from, count });
      return entries;
    });
    const message = `the checkpoint of size ${tree.size} is of another log`;
    demand(grown !== undefined, 'TOOLS_LOG_FORKED', message);
    if (grown.entries.length === 0) return;
    db.transaction(() => {
      for (const [at, text] of grown.entries.entries()) {
        const event = fold.take(first + at, text);
        // Of a run that nobody saw end, no tree is known: the workspace stays as it is.
        if (event?.kind !== 'outcome' || event.status === 'unknown') continue;
        onTree(event.session, event.tree, first + at);
      }
      db.prepare('INSERT OR REPLACE INTO history VALUES (1, ?)').run(String(grown.frontier));
    })();
    this.#accepted = grown.frontier;
  }

  async #lookBack({ size: from, root: fromRoot }: Tree): Promise<void> {
    const { size: to, root: toRoot } = this.#accepted;
    const { proof } = await this.#options.log.ask(audit.calls.consistency, { from, to });
    verifyConsistency({ from, to, fromRoot, toRoot, proof: proof.map(decodeBase64) });
  }
}
