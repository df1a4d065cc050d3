import { randomBytes } from 'node:crypto';
import {
  agent,
  policy,
  type Receipt,
  type SpiffeId,
  type Task,
  tools,
  type TreeEntry,
} from '@physiclaw/contracts';
import { openDatabase, type Peer } from '@physiclaw/platform';
import type { z } from 'zod';
import { GatewayError } from '../errors.ts';

const MIGRATIONS = [
  `CREATE TABLE session (id TEXT PRIMARY KEY, person TEXT NOT NULL, opened INTEGER NOT NULL DEFAULT 0) STRICT;
   CREATE TABLE turn (id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id)) STRICT;`,
];

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

  async ask(session: string, person: SpiffeId, task: z.input<typeof Task>): Promise<string> {
    this.own(session, person);
    const turn = `t-${randomBytes(16).toString('hex')}`;
    this.#db.prepare('INSERT INTO turn (id, session) VALUES (?, ?)').run(turn, session);
    await this.#rooms.agent.ask(agent.calls.ask, { session, turn, task });
    return turn;
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
