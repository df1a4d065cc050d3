import { LogEntry } from '@physiclaw/contracts';
import type { Database } from '@physiclaw/platform';
import { verifyStatement } from '@physiclaw/proof';

export const FOLD_TABLES = `
  CREATE TABLE session (id TEXT PRIMARY KEY, did TEXT NOT NULL, tree TEXT NOT NULL) STRICT;
  CREATE TABLE approver (key TEXT PRIMARY KEY, person TEXT NOT NULL) STRICT;
  CREATE TABLE run (
    capability TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    decision INTEGER NOT NULL,
    started INTEGER NOT NULL,
    outcome INTEGER
  ) STRICT;
`;

/** A run as the log tells it: the indices of its decision, its start and its outcome. */
export interface LoggedRun {
  readonly capability: string;
  readonly session: string;
  readonly decision: number;
  readonly started: number;
  readonly outcome: number | null;
}

export interface FoldOptions {
  readonly db: Database;
  readonly trustDomain: string;
  /** Told of each outcome, so that workspaces follow the log. */
  readonly onOutcome: (session: string, tree: string, index: number) => void;
}

type Event = LogEntry['unmapped']['event'];

/**
 * What the gate knows from the log alone: whose key a session has, who may approve, which runs have
 * no outcome. A cache: who can write it can add an approver, so no other service may.
 */
export class Fold {
  readonly #options: FoldOptions;
  readonly #db: Database;

  constructor(options: FoldOptions) {
    this.#options = options;
    this.#db = options.db;
  }

  /** Takes in an entry whose bytes are known to be in the log. Entries come once and in order. */
  take(index: number, text: string): void {
    if (!/"kind":"(session|enrolment|started|outcome)"/.test(text)) return;
    const { data } = LogEntry.safeParse(JSON.parse(text));
    if (data === undefined) return;
    const { reporter, once, event } = data.unmapped;
    const { trustDomain } = this.#options;
    if (reporter === `spiffe://${trustDomain}/policy`) this.#fromPolicy(event, once);
    if (reporter === `spiffe://${trustDomain}/tools`) this.#fromHere(event, index);
  }

  session(id: string): { did: string; tree: string } | undefined {
    const find = 'SELECT did, tree FROM session WHERE id = ?';
    return this.#db.prepare<[string], { did: string; tree: string }>(find).get(id);
  }

  /** Whose key it is, if this person may approve. */
  approver(key: string): string | undefined {
    const find = 'SELECT person FROM approver WHERE key = ?';
    return this.#db.prepare<[string], { person: string }>(find).get(key)?.person;
  }

  run(capability: string): LoggedRun | undefined {
    const find = 'SELECT * FROM run WHERE capability = ?';
    return this.#db.prepare<[string], LoggedRun>(find).get(capability);
  }

  /** Runs that were started and whose end nobody recorded. */
  orphans(): LoggedRun[] {
    return this.#db.prepare<[], LoggedRun>('SELECT * FROM run WHERE outcome IS NULL').all();
  }

  #fromPolicy(event: Event, once: readonly string[]): void {
    if (event.kind === 'session') {
      this.#do('INSERT OR IGNORE INTO session VALUES (?, ?, ?)', [
        event.session,
        event.did,
        event.tree,
      ]);
    }
    if (event.kind !== 'enrolment' || !once.includes('claim')) return;
    const { statement } = event.signed;
    if (statement.trustDomain !== this.#options.trustDomain) return;
    if (!verifyStatement(event.signed)) return;
    // The first enrolment stands alone, by the claim; a second one would need the first's word.
    const first = 'INSERT INTO approver SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM approver)';
    this.#do(first, [statement.key, event.person]);
  }

  #fromHere(event: Event, index: number): void {
    if (event.kind === 'started') {
      const { capability, session, decision } = event;
      const add = 'INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?, NULL)';
      this.#do(add, [capability, session, decision, index]);
    }
    if (event.kind !== 'outcome') return;
    const end = 'UPDATE run SET outcome = ? WHERE capability = ? AND outcome IS NULL';
    this.#do(end, [index, event.capability]);
    // Of a run that nobody saw end, no tree is known: the workspace stays as it is.
    if (event.status === 'unknown') return;
    this.#options.onOutcome(event.session, event.tree, index);
  }

  #do(sql: string, values: readonly (string | number)[]): void {
    this.#db.prepare(sql).run(...values);
  }
}
