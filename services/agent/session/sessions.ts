import type { Database } from '@physiclaw/platform';
import {
  decodeBase64,
  encodeBase64,
  generateSeed,
  type Signer,
  signerFromSeed,
} from '@physiclaw/proof';
import { AgentError } from '../errors.ts';

/** A session as the agent holds it: its key, and what policy delegated to this key. */
export interface Session {
  readonly id: string;
  readonly principal: string;
  readonly signer: Signer;
}

interface Row {
  readonly id: string;
  readonly seed: string;
  readonly principal: string | null;
}

export const SESSION_TABLE = `
  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    seed TEXT NOT NULL,
    principal TEXT,
    tree TEXT,
    delegation TEXT
  ) STRICT;
`;

/**
 * The sessions and their keys. Whoever can read this file can ask in their names until the stack
 * ends; each of his acts still needs a decision that is in the log.
 */
export class Sessions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a session's key pair. @throws AgentError AGENT_SESSION_EXISTS */
  open(id: string): { did: string } {
    const seed = generateSeed();
    const { changes } = this.#db
      .prepare('INSERT OR IGNORE INTO session (id, seed) VALUES (?, ?)')
      .run(id, encodeBase64(seed));
    if (changes === 1) return { did: signerFromSeed(seed).did };
    throw new AgentError('AGENT_SESSION_EXISTS', `expected a new session, found ${id} open`);
  }

  begin(begun: { session: string; principal: string; tree: string; delegation: string }): void {
    const { changes } = this.#db
      .prepare(
        `UPDATE session SET principal = :principal, tree = :tree, delegation = :delegation
         WHERE id = :session AND principal IS NULL`,
      )
      .run(begun);
    if (changes === 1) return;
    throw new AgentError(
      'AGENT_SESSION_UNKNOWN',
      `expected a session that waits to begin, found ${begun.session}`,
    );
  }

  /** @throws AgentError AGENT_SESSION_UNKNOWN when there is none that has begun. */
  get(id: string): Session {
    const row = this.#db
      .prepare<[string], Row>('SELECT id, seed, principal FROM session WHERE id = ?')
      .get(id);
    if (row?.principal) {
      return { id, principal: row.principal, signer: signerFromSeed(decodeBase64(row.seed)) };
    }
    throw new AgentError('AGENT_SESSION_UNKNOWN', `there is no session ${id} that has begun`);
  }
}
