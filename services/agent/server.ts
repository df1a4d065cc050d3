import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agent, audit, inference, policy, type Task, tools } from '@physiclaw/contracts';
import {
  type Database,
  followSvid,
  openDatabase,
  Peer,
  Server,
  type Service,
  type ServiceContext,
} from '@physiclaw/platform';
import { Archive } from './answer/archive.ts';
import type { Config } from './config.ts';
import { AgentError } from './errors.ts';
import { fillSlots } from './runbook/slots.ts';
import { RunbookIndex } from './selection/runbook-index.ts';
import { Thesaurus } from './selection/thesaurus.ts';
import { SESSION_TABLE, Sessions } from './session/sessions.ts';
import { Catalogue } from './skill/catalogue.ts';
import { readSkills, readSynonyms } from './skill/read-skills.ts';
import { EVENT_TABLE, EventStore } from './turn/event-store.ts';
import { planTask } from './turn/plan-task.ts';
import { plannerFor, questionPlanner } from './turn/planner.ts';
import { Recorder } from './turn/recorder.ts';
import { shownEvent } from './turn/shown-event.ts';
import { Turns } from './turn/turns.ts';

/** Whom the agent asks. */
interface Peers {
  readonly audit: Peer;
  readonly policy: Peer;
  readonly tools: Peer;
  readonly inference: Peer;
}

interface Rooms {
  readonly peers: Peers;
  readonly sessions: Sessions;
  readonly events: EventStore;
  readonly archive: Archive;
  readonly catalogue: Catalogue;
  readonly turns: Turns;
}

/** Opens the agent. Turns that an earlier process left without an end go on once it listens. */
export function startAgent(config: Config, { log }: ServiceContext): Service {
  const { run, state, trustDomain, skills } = config;
  const catalogue = new Catalogue(readSkills(skills));
  const svid = followSvid({ socket: `${run}/workload.sock`, log });
  const peer = (api: ConstructorParameters<typeof Peer>[0]) =>
    new Peer(api, { socket: `${run}/${api.service}.sock`, svid, trustDomain });
  const peers = {
    audit: peer(audit),
    policy: peer(policy),
    tools: peer(tools),
    inference: peer(inference),
  };
  const db = openDatabase(join(state, 'agent.db'), [SESSION_TABLE + EVENT_TABLE]);
  const rooms = openRooms(config, { db, peers, catalogue, log });
  const server = serve(
    new Server(agent, { socket: `${run}/agent.sock`, svid, log, trustDomain }),
    rooms,
  );
  return {
    async listen() {
      await server.listen();
      rooms.turns.resume();
    },
    async [Symbol.asyncDispose]() {
      await rooms.turns[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      for (const one of Object.values(peers)) one[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
      db.close();
    },
  };
}

function openRooms(
  { anchors, state, skills, select }: Config,
  {
    db,
    peers,
    catalogue,
    log,
  }: Pick<Rooms, 'peers' | 'catalogue'> & Pick<ServiceContext, 'log'> & { db: Database },
): Rooms {
  const anchor = (name: string) => readFileSync(join(anchors, name), 'utf8').trim();
  const sessions = new Sessions(db);
  const events = new EventStore(db);
  const archive = new Archive(join(state, 'answers'));
  const desk = {
    events,
    policy: peers.policy,
    tools: peers.tools,
    vkey: anchor('log.vkey'),
    authority: anchor('authority.did'),
    log,
  };
  const recorder = new Recorder(peers.audit, log);
  const index = new RunbookIndex(catalogue.runbooks, new Thesaurus(readSynonyms(skills)));
  const options = { catalogue, recorder, select: { ...select, index }, model: peers.inference };
  const turns = new Turns({
    desk,
    sessions,
    archive,
    recorder,
    plan: (turn) => planTask(turn, options),
    plannerFor: (task) => plannerFor(task, peers.inference),
  });
  return { peers, sessions, events, archive, catalogue, turns };
}

/** Each call of the contract, and what answers it. */
function serve(
  server: Server,
  { peers, sessions, events, archive, catalogue, turns }: Rooms,
): Server {
  const { calls } = agent;
  return server
    .answer(calls.openSession, ({ session }) => sessions.open(session))
    .answer(calls.beginSession, (begun) => {
      sessions.begin(begun);
      return {};
    })
    .answer(calls.ask, (begun) => {
      checkTask(begun.task, catalogue);
      turns.start(begun);
      return {};
    })
    .stream(calls.follow, async function* told({ session, turn, from }, { signal }) {
      const known = events.inSession(turn, session);
      for await (const event of events.follow(known, from, signal)) yield shownEvent(event);
    })
    .answer(calls.abort, ({ session, turn }) => ({
      aborted: turns.abort(events.inSession(turn, session)),
    }))
    .answer(calls.history, ({ session, count }) => ({
      events: events.history(session, count).map(shownEvent),
    }))
    .answer(calls.answer, ({ turn }) => ({ answer: answerOf(events, turn) }))
    .answer(calls.answerBundle, ({ id }) => archive.get(id))
    .answer(calls.abilities, async () => ({
      planner: await questionPlanner(peers.inference),
      runbooks: catalogue.runbooks.map(({ id, title, asks, slots, changes }) => ({
        id,
        title,
        asks,
        slots: Object.keys(slots),
        changes: changes.length > 0,
      })),
    }))
    .answer(calls.explain, async ({ session, actuator, arguments: given }) => {
      const turn = `t-${session.slice(2)}`;
      const question = { session, turn, actuator, arguments: given };
      const { intent } = await peers.tools.ask(tools.calls.prepare, question);
      return peers.policy.ask(policy.calls.explain, { intent });
    });
}

/** What is wrong with a task is told to whoever asks, not to who follows the turn. */
function checkTask(task: Task, catalogue: Catalogue): void {
  if (task.type === 'runbook') fillSlots(catalogue.whole([task.runbook]), task.slots);
}

function answerOf(events: EventStore, turn: string) {
  events.sessionOf(turn);
  const last = events.events(turn).at(-1);
  const { success, data } = agent.calls.answer.reply.safeParse(last?.data);
  if (last?.name === 'assistant.message' && success) return data.answer;
  throw new AgentError('AGENT_ANSWER_UNKNOWN', `${turn} has no answer yet`);
}
