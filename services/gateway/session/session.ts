import { randomBytes } from 'node:crypto';
import {
  agent,
  policy,
  type Receipt,
  SessionId,
  type SpiffeId,
  type Task,
  tools,
  type TreeEntry,
} from '@physiclaw/contracts';
import { openDatabase, type Peer } from '@physiclaw/platform';
import type { z } from 'zod';
import { GatewayError } from '../errors.ts';

// Policy lets a session act for a day.
const NAMED_MS = 23 * 3_600_000;

const MIGRATIONS = [
  `CREATE TABLE session (id TEXT PRIMARY KEY, person TEXT NOT NULL, opened INTEGER NOT NULL DEFAULT 0) STRICT;
   CREATE TABLE turn (id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id)) STRICT;`,
  // Of a turn before this one nobody waits for more.
  `ALTER TABLE turn ADD COLUMN run TEXT;
   ALTER TABLE turn ADD COLUMN ended INTEGER NOT NULL DEFAULT 1;
   CREATE UNIQUE INDEX turn_run ON turn (session, run);
   CREATE TABLE chat (
     person TEXT NOT NULL, key TEXT NOT NULL, session TEXT NOT NULL REFERENCES session (id),
     since INTEGER NOT NULL, PRIMARY KEY (person, key)
   ) STRICT;`,
];

/** A turn, whose it is, and what a client calls it and its session. */
export interface Begun {
  readonly turn: string;
  readonly session: string;
  readonly person: string;
  readonly run: string;
  readonly key: string;
}

export interface Rooms {
  readonly agent: Pick<Peer, 'ask'>;
  readonly policy: Pick<Peer, 'ask'>;
  readonly tools: Pick<Peer, 'ask'>;
}

/**
 * Whose session is whose, and the way in which one is opened: workspace, key, start entry, begin.
 * Whoever can write this file can follow another person's turns; he cannot act in them.
 */
export class Sessions implements Disposable {
  readonly #rooms: Rooms;
  readonly #db: ReturnType<typeof openDatabase>;
  /** Told of each turn that begins. */
  onTurn: (begun: Begun) => void = () => undefined;

  constructor(path: string, rooms: Rooms) {
    this.#rooms = rooms;
    this.#db = openDatabase(path, MIGRATIONS);
  }

  /** A name for a session that is still to be opened; files can be sent into it. */
  reserve(person: SpiffeId): string {
    const id = `s-${randomBytes(16).toString('hex')}`;
    this.#db.prepare('INSERT INTO session (id, person) VALUES (?, ?)').run(id, person);
    return id;
  }

  /** @throws GatewayError GATEWAY_SESSION_FOREIGN unless this person reserved or opened it. */
  own(session: string, person: SpiffeId): void {
    const row = this.#db
      .prepare<[string], { person: string }>('SELECT person FROM session WHERE id = ?')
      .get(session);
    if (row?.person === person) return;
    throw new GatewayError('GATEWAY_SESSION_FOREIGN', `${session} is not a session of yours`);
  }

  async open(
    session: string,
    principal: SpiffeId,
    entries: z.input<typeof TreeEntry>[],
  ): Promise<{ session: string; tree: string; receipt: Receipt }> {
    this.own(session, principal);
    const { tree } = await this.#rooms.tools.ask(tools.calls.openWorkspace, { session, entries });
    const { did } = await this.#rooms.agent.ask(agent.calls.openSession, { session });
    const { receipt, delegation } = await this.#rooms.policy.ask(policy.calls.openSession, {
      session,
      principal,
      did,
      tree,
    });
    const begin = { session, principal, tree, delegation, receipt };
    await this.#rooms.agent.ask(agent.calls.beginSession, begin);
    this.#db.prepare('UPDATE session SET opened = 1 WHERE id = ?').run(session);
    return { session, tree, receipt };
  }

  async ask(
    session: string,
    person: SpiffeId,
    task: z.input<typeof Task>,
    run?: string,
  ): Promise<string> {
    this.own(session, person);
    const turn = `t-${randomBytes(16).toString('hex')}`;
    this.#db
      .prepare('INSERT INTO turn (id, session, run, ended) VALUES (?, ?, ?, 0)')
      .run(turn, session, run ?? null);
    try {
      await this.#rooms.agent.ask(agent.calls.ask, { session, turn, task });
    } catch (error) {
      this.#db.prepare('DELETE FROM turn WHERE id = ?').run(turn);
      throw error;
    }
    for (const begun of this.#turns('turn.id = ?', turn)) this.onTurn(begun);
    return turn;
  }

  /** The session that a client keeps under a name of its own: the last one, while it may act. */
  named(key: string, person: SpiffeId): string | undefined {
    const { data: session } = SessionId.safeParse(key);
    if (session !== undefined) this.own(session, person);
    const found = this.#db
      .prepare<[string, string, number], { session: string }>(
        'SELECT session FROM chat WHERE person = ? AND key = ? AND since > ?',
      )
      .get(person, key, Date.now() - NAMED_MS);
    return session ?? found?.session;
  }

  /** The same; where there is none one is opened. */
  async openNamed(key: string, person: SpiffeId): Promise<string> {
    const known = this.named(key, person);
    if (known !== undefined) return known;
    const session = this.reserve(person);
    await this.open(session, person, []);
    this.#db
      .prepare('INSERT OR REPLACE INTO chat (person, key, session, since) VALUES (?, ?, ?, ?)')
      .run(person, key, session, Date.now());
    return session;
  }

  /** The turns of a session that have not ended, or one of its runs. */
  runs(session: string, run?: string): Begun[] {
    return run === undefined
      ? this.#turns('ended = 0 AND turn.session = ?', session)
      : this.#turns('turn.session = ? AND coalesce(run, turn.id) = ?', session, run);
  }

  /** Every turn whose end was not seen. */
  unfinished(): Begun[] {
    return this.#turns('ended = 0');
  }

  end(turn: string): void {
    this.#db.prepare('UPDATE turn SET ended = 1 WHERE id = ?').run(turn);
  }

  #turns(which: string, ...values: string[]): Begun[] {
    return this.#db
      .prepare<string[], Begun>(
        `SELECT turn.id AS turn, turn.session, session.person, coalesce(run, turn.id) AS run,
           coalesce((SELECT key FROM chat WHERE chat.session = turn.session), turn.session) AS key
         FROM turn JOIN session ON session.id = turn.session WHERE ${which} ORDER BY turn.rowid`,
      )
      .all(...values);
  }

  /** The session of a turn of this person. @throws GatewayError GATEWAY_SESSION_FOREIGN */
  sessionOf(turn: string, person: SpiffeId): string {
    const row = this.#db
      .prepare<[string], { session: string }>('SELECT session FROM turn WHERE id = ?')
      .get(turn);
    if (row === undefined) {
      throw new GatewayError('GATEWAY_SESSION_FOREIGN', `${turn} is not a turn of yours`);
    }
    this.own(row.session, person);
    return row.session;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
