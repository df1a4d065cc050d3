import { LogEvent, type LogKind } from '@physiclaw/contracts';
import { type Database, openDatabase } from '@physiclaw/platform';

/** An event as the log holds it. */
export interface Recorded<Event extends LogEvent = LogEvent> {
  readonly index: number;
  /** When it got there, in milliseconds since 1970. */
  readonly time: number;
  readonly event: Event;
}

export type Entry<Kind extends LogKind> = Recorded<Extract<LogEvent, { kind: Kind }>>;

interface Row {
  readonly entry: number;
  readonly time: number;
  readonly body: string;
}

// `event` and `replay` are made of the log alone; what an event is about is read from its body.
// Names and hashes of tokens are nowhere else.
const MIGRATIONS = [
  `
  CREATE TABLE event (
    entry INTEGER PRIMARY KEY, time INTEGER NOT NULL, body TEXT NOT NULL,
    kind TEXT NOT NULL AS (body ->> 'kind') STORED,
    session TEXT AS (body ->> 'session') STORED,
    turn TEXT AS (body ->> 'turn') STORED,
    intent TEXT AS (body ->> 'intent') STORED,
    verdict TEXT AS (body ->> 'verdict') STORED,
    request TEXT AS (body ->> 'request') STORED,
    subject TEXT AS (coalesce(
      request, body ->> 'kill', body ->> 'token', iif(kind = 'started', body ->> 'capability', session)
    )) STORED
  ) STRICT;
  CREATE INDEX event_subject ON event (kind, subject);
  CREATE INDEX event_session ON event (session, turn) WHERE kind = 'decision';
  CREATE TABLE replay (one INTEGER PRIMARY KEY CHECK (one = 1), frontier TEXT NOT NULL) STRICT;
  CREATE TABLE name (subject TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE token (hash TEXT PRIMARY KEY, token TEXT NOT NULL) STRICT;
  `,
  // The log is read again: until here its traffic was left out.
  `CREATE INDEX event_traffic ON event (session) WHERE kind = 'traffic'; DELETE FROM replay;`,
];

const KEPT = 'approval decision enrolment kill receiver resume session started token traffic'.split(
  ' ',
);

/**
 * The events of the log that decisions hang on, in a database that is made anew where it was
 * deleted. The file is policy's own: whoever can write it can make it forget.
 */
export class Events implements Disposable {
  readonly database: Database;
  readonly #all;
  readonly #insert;

  /** @throws ApplianceError DATABASE_NEWER when a later release wrote the file. */
  constructor(path: string) {
    this.database = openDatabase(path, MIGRATIONS);
    // What a power cut takes away from here stands in the log, which is read again from there.
    this.database.pragma('synchronous = NORMAL');
    this.#all = this.database.prepare<[string, string | null], Row>(
      'SELECT * FROM event WHERE kind = ? AND subject IS coalesce(?, subject) ORDER BY entry DESC',
    );
    this.#insert = this.database.prepare<[number, number, string]>(
      'INSERT OR IGNORE INTO event (entry, time, body) VALUES (?, ?, ?)',
    );
  }

  /** Takes in entries, each as often as it comes. */
  keep(entries: readonly Recorded[]): void {
    for (const { index, time, event } of entries) {
      if (KEPT.includes(event.kind)) this.#insert.run(index, time, JSON.stringify(event));
    }
  }

  /** Those of one kind, the newest first; of one thing where it is named. */
  all<Kind extends LogKind>(kind: Kind, subject?: string): Entry<Kind>[] {
    return this.#all.all(kind, subject ?? null).map((row) => entryOf(kind, row));
  }

  latest<Kind extends LogKind>(kind: Kind, subject: string): Entry<Kind> | undefined {
    return this.all(kind, subject)[0];
  }

  /** The latest decision on one call in its turn. */
  decided(call: { session: string; turn: string; intent: string }): Entry<'decision'> | undefined {
    const row = this.database
      .prepare<[typeof call], Row>(
        `SELECT * FROM event WHERE kind = 'decision' AND session = @session AND turn = @turn
         AND intent = @intent ORDER BY entry DESC`,
      )
      .get(call);
    return row && entryOf('decision', row);
  }

  /** What a person or a token is called; known here only, and lost with the file. */
  nameOf(subject: string): string {
    const find = 'SELECT name FROM name WHERE subject = ?';
    return this.database.prepare<[string], { name: string }>(find).get(subject)?.name ?? 'unnamed';
  }

  setName(subject: string, name: string): void {
    this.database.prepare('INSERT OR REPLACE INTO name VALUES (?, ?)').run(subject, name);
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

function entryOf<Kind extends LogKind>(kind: Kind, { entry, time, body }: Row): Entry<Kind> {
  const event = LogEvent.parse(JSON.parse(body));
  if (isOf(event, kind)) return { index: entry, time, event };
  throw new Error(`entry ${entry} is of another kind than its row`);
}

function isOf<Kind extends LogKind>(
  event: LogEvent,
  kind: Kind,
): event is Extract<LogEvent, { kind: Kind }> {
  return event.kind === kind;
}
