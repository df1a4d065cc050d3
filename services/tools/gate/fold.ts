import { LogEntry, reporters } from '@physiclaw/contracts';
import type { Database } from '@physiclaw/platform';
import { verifyStatement } from '@physiclaw/proof';

export const FOLD_TABLE = `
  CREATE TABLE fact (key TEXT PRIMARY KEY, place INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;
`;

type Said = LogEntry['unmapped'];

/** A run as the log tells it: the indices of its start, its decision and, if it ended, its outcome. */
export interface LoggedRun {
  readonly capability: string;
  readonly session: string;
  readonly started: number;
  readonly decision: number;
  readonly outcome: number | undefined;
}

/**
 * What the gate knows from the log alone: whose key a session has, who may approve, which runs have
 * no outcome. A cache: who can write it can add an approver, so no other service may.
 */
export class Fold {
  readonly #db: Database;
  readonly #trustDomain: string;

  constructor(db: Database, trustDomain: string) {
    this.#db = db;
    this.#trustDomain = trustDomain;
  }

  /**
   * Takes in an entry whose bytes are known to be in the log, and answers with what it says if that
   * is something to know. Of each thing the first entry counts.
   */
  take(place: number, entry: string): Said['event'] | undefined {
    if (!/"kind":"(session|enrolment|started|outcome)"/.test(entry)) return undefined;
    const { data } = LogEntry.safeParse(JSON.parse(entry));
    const key = data && this.#keyOf(data.unmapped);
    if (key === undefined) return undefined;
    this.#db.prepare('INSERT OR IGNORE INTO fact VALUES (?, ?, ?)').run(key, place, entry);
    return data?.unmapped.event;
  }

  session(id: string): { did: string; tree: string } | undefined {
    const event = this.#find(`session ${id}`)?.event;
    return event?.kind === 'session' ? event : undefined;
  }

  /** Whose key it is, if this person may approve. */
  approver(key: string): string | undefined {
    const event = this.#find('enrolment')?.event;
    const theirs = event?.kind === 'enrolment' && event.signed.statement.key === key;
    return theirs ? event.person : undefined;
  }

  run(capability: string): LoggedRun | undefined {
    const start = this.#find(`started ${capability}`);
    if (start?.event.kind !== 'started') return undefined;
    const { session, decision } = start.event;
    const outcome = this.#find(`outcome ${capability}`)?.place;
    return { capability, session, decision, started: start.place, outcome };
  }

  /** Runs that were started and whose end nobody recorded. */
  orphans(): LoggedRun[] {
    const started = "SELECT substr(key, 9) FROM fact WHERE key LIKE 'started %'";
    const names = this.#db.prepare<[], string>(started).pluck().all();
    return names.flatMap((name) => this.run(name) ?? []).filter((run) => run.outcome === undefined);
  }

  #keyOf({ reporter, once, event }: Said): string | undefined {
    const [service] = reporters[event.kind];
    if (reporter !== `spiffe://${this.#trustDomain}/${service}`) return undefined;
    if (event.kind === 'session') return `session ${event.session}`;
    if (event.kind === 'started' || event.kind === 'outcome') {
      return `${event.kind} ${event.capability}`;
    }
    if (event.kind !== 'enrolment' || !once.includes('claim')) return undefined;
    // The first enrolment stands alone, by the claim; a second one would need the first's word.
    const ours = event.signed.statement.trustDomain === this.#trustDomain;
    return ours && verifyStatement(event.signed) ? 'enrolment' : undefined;
  }

  #find(key: string): { place: number; event: Said['event'] } | undefined {
    const find = 'SELECT place, entry FROM fact WHERE key = ?';
    const row = this.#db.prepare<[string], { place: number; entry: string }>(find).get(key);
    if (row === undefined) return undefined;
    return { place: row.place, event: LogEntry.parse(JSON.parse(row.entry)).unmapped.event };
  }
}
