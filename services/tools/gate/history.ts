import { audit } from '@physiclaw/contracts';
import {
  type AskedLog,
  type Database,
  Follower,
  isFork,
  proveGrowth,
  type Tree,
  Turnstile,
} from '@physiclaw/platform';
import { openCheckpoint } from '@physiclaw/proof';
import { demand, ToolsError } from '../errors.ts';
import type { Fold } from './fold.ts';

export const HISTORY_TABLE = `
  CREATE TABLE history (one INTEGER PRIMARY KEY CHECK (one = 1), frontier TEXT NOT NULL) STRICT;
`;

export interface HistoryOptions {
  readonly db: Database;
  readonly log: AskedLog;
  readonly fold: Fold;
  /** The log's verifier key, from the anchors. */
  readonly vkey: string;
  /** Told of each tree that a run left, so that workspaces follow the log. */
  readonly onTree: (session: string, tree: string, index: number) => void;
}

/**
 * The log as far as the gate has accepted it, kept durably: a checkpoint is accepted only if the
 * entries behind it are the accepted ones and their successors, or the first of them.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #turns = new Turnstile();
  readonly #accepted: Follower;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#accepted = new Follower({ ...options, table: 'history' });
  }

  /**
   * Resolves once the tree is known to be this log's, at an earlier or a later time.
   *
   * @throws ToolsError TOOLS_LOG_FORKED; PEER_UNREACHABLE while the log is down.
   */
  async accept(tree: Tree): Promise<void> {
    const message = `the checkpoint of size ${tree.size} is of another log`;
    try {
      // One at a time: two that extend the same entries would both write what follows.
      await this.#turns.pass('log', async () => {
        const { tree: accepted } = this.#accepted;
        if (tree.size < accepted.size) return proveGrowth(this.#options.log, tree, accepted);
        const followed = await this.#accepted.follow(tree, (index, text) =>
          this.#take(index, text),
        );
        demand(followed, 'TOOLS_LOG_FORKED', message);
      });
    } catch (cause) {
      if (!isFork(cause)) throw cause;
      throw new ToolsError('TOOLS_LOG_FORKED', message, { cause });
    }
  }

  /** Follows the log up to its latest checkpoint. */
  async catchUp(): Promise<void> {
    const { log, vkey } = this.#options;
    const { checkpoint } = await log.ask(audit.calls.checkpoint, {});
    await this.accept(openCheckpoint(checkpoint, vkey));
  }

  #take(index: number, text: string): void {
    const { fold, onTree } = this.#options;
    const event = fold.take(index, text);
    // Of a run that nobody saw end, no tree is known: the workspace stays as it is.
    if (event?.kind !== 'outcome' || event.status === 'unknown') return;
    onTree(event.session, event.tree, index);
  }
}
