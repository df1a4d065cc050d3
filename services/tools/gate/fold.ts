import { type EnrolmentEvent, LogEntry, reporters } from '@physiclaw/contracts';
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

  session(id: string): { did: string; tree: string; principal: string } | undefined {
    const event = this.#find(`session ${id}`)?.event;
    return event?.kind === 'session' ? event : undefined;
  }

  /** Whose key it is, if this person may approve in a session: alone he may do so in his own. */
  approver(key: string, session?: string): string | undefined {
    const enrolled = this.#enrolled();
    const { person } = enrolled.find(({ signed }) => signed.statement.key === key) ?? {};
    const own = session !== undefined && this.session(session)?.principal === person;
    return own && this.people(enrolled) > 1 ? undefined : person;
  }

  /** How many people the log has enrolled. */
  people(enrolled = this.#enrolled()): number {
    return new Set(enrolled.map(({ person }) => person)).size;
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
    if (event.kind !== 'enrolment') return undefined;
    const { key, trustDomain } = event.signed.statement;
    if (trustDomain !== this.#trustDomain || !verifyStatement(event.signed)) return undefined;
    // The first enrolment stands alone, by the claim; each later one by the word of others.
    if (once.includes('claim')) return 'enrolment';
    return this.#isEndorsed(event) ? `enrolment ${key}` : undefined;
  }

  /** By whoever is enrolled; where two or more are, by two of them. */
  #isEndorsed({ person, signed, endorsements = [] }: EnrolmentEvent): boolean {
    const by = endorsements.map((one) => {
      const { key, newKey, person: whose, trustDomain } = one.statement;
      const meant = newKey === signed.statement.key && whose === person;
      const sound = meant && trustDomain === this.#trustDomain && verifyStatement(one);
      return sound ? this.approver(key) : undefined;
    });
    return !by.includes(undefined) && new Set(by).size >= Math.max(1, Math.min(2, this.people()));
  }

  #enrolled(): EnrolmentEvent[] {
    const all = "SELECT entry FROM fact WHERE key GLOB 'enrolment*' ORDER BY place";
    const entries = this.#db.prepare<[], string>(all).pluck().all();
    const events = entries.map((entry) => LogEntry.parse(JSON.parse(entry)).unmapped.event);
    return events.filter((event) => event.kind === 'enrolment');
  }

  #find(key: string): { place: number; event: Said['event'] } | undefined {
    const find = 'SELECT place, entry FROM fact WHERE key = ?';
    const row = this.#db.prepare<[string], { place: number; entry: string }>(find).get(key);
    if (row === undefined) return undefined;
    return { place: row.place, event: LogEntry.parse(JSON.parse(row.entry)).unmapped.event };
  }
}
