import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policy, type Task, tools, type TurnEvent } from '@physiclaw/contracts';
import { createLogger, fixedSvid, openDatabase, Peer } from '@physiclaw/platform';
import { Archive } from '#services/agent/answer/archive.ts';
import { SESSION_TABLE, Sessions } from '#services/agent/session/sessions.ts';
import { EVENT_TABLE, EventStore } from '#services/agent/turn/event-store.ts';
import { Recorder } from '#services/agent/turn/recorder.ts';
import type { Planner } from '#services/agent/turn/turn.ts';
import { Turns } from '#services/agent/turn/turns.ts';
import { TestLog, TRUST_DOMAIN as trustDomain } from '#test/services/tools/log.ts';
import { newName } from './fake-policy.ts';

/** Turns with a planner of the test's own, and nobody around. */
export function openRoom(plan: Planner) {
  const folder = mkdtempSync(join(tmpdir(), 'room-'));
  const db = openDatabase(':memory:', [SESSION_TABLE + EVENT_TABLE]);
  const log = new TestLog();
  const logger = createLogger('agent', 'fatal', { write: () => undefined });
  const nobody = { socket: join(folder, 'none.sock'), trustDomain };
  const svid = fixedSvid({ cert: '', key: '', ca: '' });
  const [sessions, events] = [new Sessions(db), new EventStore(db)];
  const turns = new Turns({
    desk: {
      events,
      policy: new Peer(policy, { ...nobody, svid }),
      tools: new Peer(tools, { ...nobody, svid }),
      vkey: log.vkey,
      authority: 'nobody',
      log: logger,
    },
    sessions,
    archive: new Archive(join(folder, 'answers')),
    recorder: new Recorder(log.peer, logger),
    plan,
    plannerFor: ({ type }) => Promise.resolve(type === 'question' ? 'runbook' : type),
  });
  const session = newName('s');
  sessions.open(session);
  sessions.begin({ session, principal: 'p', tree: 't', delegation: 'd' });
  return {
    log,
    turns,
    async storyOf(task: Task): Promise<TurnEvent[]> {
      const turn = newName('t');
      turns.start({ turn, session, task });
      const told: TurnEvent[] = [];
      const { signal } = new AbortController();
      for await (const event of events.follow(turn, 0, signal)) told.push(event);
      return told;
    },
    [Symbol.dispose]() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
