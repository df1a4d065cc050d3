import { LogEvent, type LogKind } from '@physiclaw/contracts';
import { type Database, openDatabase } from '@physiclaw/platform';
import { Frontier } from './frontier.ts';

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

// `event` and `replay` are made of the log alone. Names of people, hashes of tokens and failed
// claims are nowhere else; `bytes` is what an allowed call sends out, once its intent was weighed.
const MIGRATIONS = [
  `
  CREATE TABLE event (
    entry INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    session TEXT, turn TEXT, intent TEXT, verdict TEXT, bytes INTEGER, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_name ON event (kind, name);
  CREATE INDEX event_session ON event (session, turn) WHERE kind = 'decision';
  CREATE TABLE replay (one INTEGER PRIMARY KEY CHECK (one = 1), frontier TEXT NOT NULL) STRICT;
  CREATE TABLE person (person TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE claim (code TEXT PRIMARY KEY, failures INTEGER NOT NULL) STRICT;
  CREATE TABLE token (token TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
  `,
];

// What a kind of event is about, by the field that names it. Other kinds are not kept.
const SUBJECTS: Partial<Record<LogKind, 'request' | 'capability' | 'kill' | 'session' | 'token'>> =
  {
    approval: 'request',
    decision: 'request',
    enrolment: 'session',
    kill: 'kill',
    resume: 'kill',
    session: 'session',
    started: 'capability',
    token: 'token',
  };

const EMPTY = {
  capability: '',
  intent: '',
  kill: '',
  request: '',
  session: '',
  token: '',
  turn: '',
  verdict: '',
};

/**
 * The events of the log that decisions hang on, in a database that is made anew where it was
 * deleted. The file is policy's own: whoever can write it can make it forget.
 */
export class Events implements Disposable {
  readonly database: Database;
  readonly #all;

  /** @throws ApplianceError DATABASE_NEWER when a later release wrote the file. */
  constructor(path: string) {
    this.database = openDatabase(path, MIGRATIONS);
    // What a power cut takes away from here stands in the log, which is read again from there.
    this.database.pragma('synchronous = NORMAL');
    this.#all = this.database.prepare<[string, string | null], Row>(
      'SELECT * FROM event WHERE kind = ? AND name = coalesce(?, name) ORDER BY entry DESC',
    );
  }

  /** How far the log was read. */
  get frontier(): Frontier {
    const read = this.database.prepare<[], { frontier: string }>('SELECT frontier FROM replay');
    return new Frontier(read.get()?.frontier);
  }

  /** Takes in entries, each as often as it comes; `frontier` says that the log was read so far. */
  keep(entries: readonly Recorded[], frontier?: Frontier): void {
    const insert = this.database.prepare(
      'INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.database.transaction(() => {
      for (const { index, time, event } of entries) {
        const subject = SUBJECTS[event.kind];
        if (subject === undefined) continue;
        const fields = { ...EMPTY, ...event };
        const { session, turn, intent, verdict } = fields;
        const about = [fields[subject], session, turn, intent, verdict];
        const bytes = verdict === 'allow' ? null : 0;
        insert.run(index, time, event.kind, ...about, bytes, JSON.stringify(event));
      }
      if (frontier) {
        this.database.prepare('INSERT OR REPLACE INTO replay VALUES (1, ?)').run(String(frontier));
      }
    })();
  }

  /** Those of one kind, the newest first; of one thing where it is named. */
  all<Kind extends LogKind>(kind: Kind, name?: string): Entry<Kind>[] {
    return this.#all.all(kind, name ?? null).map((row) => entryOf(kind, row));
  }

  latest<Kind extends LogKind>(kind: Kind, name: string): Entry<Kind> | undefined {
    return this.all(kind, name)[0];
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
