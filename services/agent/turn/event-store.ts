import { EventEmitter, on } from 'node:events';
import { Task, TurnEvent } from '@physiclaw/contracts';
import { currentTrace, type Database } from '@physiclaw/platform';
import { AgentError } from '../errors.ts';

export const EVENT_TABLE = `
  CREATE TABLE turn (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES session (id),
    task TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE event (
    turn TEXT NOT NULL REFERENCES turn (id),
    sequence INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (turn, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER event_no_update BEFORE UPDATE ON event
    BEGIN SELECT raise(ABORT, 'event is append-only'); END;
`;

export type EventName = TurnEvent['name'];
export type EventData = TurnEvent['data'];

const LAST: readonly EventName[] = ['assistant.message', 'turn.failed'];

/** A turn that was begun: which, whose, what for. */
export interface Begun {
  readonly turn: string;
  readonly session: string;
  readonly task: Task;
}

/**
 * What happened in each turn, append-only: the turn's memory across a crash, and what its followers
 * see. Each event is durable before the next step is taken.
 */
export class EventStore {
  readonly #db: Database;
  readonly #news = new EventEmitter().setMaxListeners(0);

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The same turn asked for again is the same turn, and goes on as it began; none where it ended.
   *
   * @throws AgentError AGENT_TURN_UNKNOWN when it is another session's.
   */
  begin({ turn, session, task }: Begun): Begun | undefined {
    this.#db
      .prepare('INSERT OR IGNORE INTO turn (id, session, task) VALUES (?, ?, ?)')
      .run(turn, session, JSON.stringify(task));
    this.inSession(turn, session);
    return this.unfinished().find((one) => one.turn === turn);
  }

  append(
    { turn, session }: Pick<Begun, 'turn' | 'session'>,
    event: { name: EventName; step?: string; data: EventData },
  ): TurnEvent {
    const trace = currentTrace()?.traceId;
    const whole = TurnEvent.parse({
      turn,
      session,
      sequence: this.#length(turn),
      at: new Date().toISOString(),
      ...event,
      ...(trace !== undefined && { trace }),
    });
    this.#db.transaction(() => {
      this.#db
        .prepare('INSERT INTO event (turn, sequence, body) VALUES (?, ?, ?)')
        .run(turn, whole.sequence, JSON.stringify(whole));
      if (LAST.includes(event.name)) {
        this.#db.prepare('UPDATE turn SET ended = 1 WHERE id = ?').run(turn);
      }
    })();
    this.#news.emit(turn);
    return whole;
  }

  events(turn: string, from = 0): TurnEvent[] {
    return this.#db
      .prepare<[string, number], { body: string }>(
        'SELECT body FROM event WHERE turn = ? AND sequence >= ? ORDER BY sequence',
      )
      .all(turn, from)
      .map(({ body }) => TurnEvent.parse(JSON.parse(body)));
  }

  /** The newest questions and ends of a session's turns, oldest first. */
  history(session: string, count: number): TurnEvent[] {
    return this.#db
      .prepare<[string, number], { body: string }>(
        `SELECT body FROM event JOIN turn ON turn.id = event.turn WHERE session = ?
         AND body ->> 'name' IN ('user.message', 'assistant.message', 'turn.failed')
         ORDER BY body ->> 'at' DESC, event.turn DESC, sequence DESC LIMIT ?`,
      )
      .all(session, count)
      .map(({ body }) => TurnEvent.parse(JSON.parse(body)))
      .toReversed();
  }

  /** Every turn without an end, oldest first. */
  unfinished(): Begun[] {
    return this.#db
      .prepare<[], { id: string; session: string; task: string }>(
        'SELECT id, session, task FROM turn WHERE ended = 0 ORDER BY rowid',
      )
      .all()
      .map(({ id, session, task }) => ({ turn: id, session, task: Task.parse(JSON.parse(task)) }));
  }

  /** @throws AgentError AGENT_TURN_UNKNOWN */
  sessionOf(turn: string): string {
    const row = this.#db
      .prepare<[string], { session: string }>('SELECT session FROM turn WHERE id = ?')
      .get(turn);
    if (row) return row.session;
    throw new AgentError('AGENT_TURN_UNKNOWN', `there is no turn ${turn}`);
  }

  /** The events of a turn from one on, as they come, until its last. */
  async *follow(turn: string, from: number, signal: AbortSignal): AsyncGenerator<TurnEvent> {
    this.sessionOf(turn);
    const news = on(this.#news, turn, { signal });
    try {
      yield* this.#untilLast(turn, from, news);
    } finally {
      await news.return?.();
    }
  }

  async *#untilLast(
    turn: string,
    from: number,
    news: AsyncIterator<unknown>,
  ): AsyncGenerator<TurnEvent> {
    for (let next = from; ; await news.next()) {
      for (const event of this.events(turn, next)) {
        yield event;
        next = event.sequence + 1;
        if (LAST.includes(event.name)) return;
      }
    }
  }

  /** The turn, if it is one of this session's. @throws AgentError AGENT_TURN_UNKNOWN */
  inSession(turn: string, session: string): string {
    if (this.sessionOf(turn) === session) return turn;
    throw new AgentError('AGENT_TURN_UNKNOWN', `${session} has no turn ${turn}`);
  }

  #length(turn: string): number {
    return (
      this.#db
        .prepare<[string], { length: number }>(
          'SELECT count(*) AS length FROM event WHERE turn = ?',
        )
        .get(turn)?.length ?? 0
    );
  }
}
