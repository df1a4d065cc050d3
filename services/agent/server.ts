import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agent, audit, inference, policy, tools } from '@physiclaw/contracts';
import {
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
import { SESSION_TABLE, Sessions } from './session/sessions.ts';
import { planCall } from './turn/call.ts';
import { EVENT_TABLE, EventStore } from './turn/event-store.ts';
import { Turns } from './turn/turns.ts';

export function startAgent(config: Config, { log }: ServiceContext): Service {
  const { run, state, anchors, trustDomain } = config;
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
  const sessions = new Sessions(db);
  const events = new EventStore(db);
  const archive = new Archive(join(state, 'answers'));
  const anchor = (name: string) => readFileSync(join(anchors, name), 'utf8').trim();
  const desk = {
    events,
    policy: peers.policy,
    tools: peers.tools,
    vkey: anchor('log.vkey'),
    authority: anchor('authority.did'),
    log,
  };
  const turns = new Turns({ desk, sessions, archive, log: peers.audit, plan: planCall });
  const server = new Server(agent, { socket: `${run}/agent.sock`, svid, log, trustDomain })
    .answer(agent.calls.openSession, ({ session }) => sessions.open(session))
    .answer(agent.calls.beginSession, (begun) => {
      sessions.begin(begun);
      return {};
    })
    .answer(agent.calls.ask, (begun) => {
      turns.start(begun);
      return {};
    })
    .stream(agent.calls.follow, ({ turn, from }, { signal }) => events.follow(turn, from, signal))
    .answer(agent.calls.answer, ({ turn }) => ({ answer: answerOf(events, turn) }))
    .answer(agent.calls.answerBundle, ({ id }) => archive.get(id))
    .answer(agent.calls.abilities, () => ({ planner: 'runbook' as const, runbooks: [] }))
    .answer(agent.calls.explain, async ({ session, actuator, arguments: given }) => {
      const turn = `t-${session.slice(2)}`;
      const question = { session, turn, actuator, arguments: given };
      const { intent } = await peers.tools.ask(tools.calls.prepare, question);
      return peers.policy.ask(policy.calls.explain, { intent });
    });
  return {
    async listen() {
      await server.listen();
      turns.resume();
    },
    async [Symbol.asyncDispose]() {
      turns[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      for (const one of Object.values(peers)) one[Symbol.dispose]();
      await svid[Symbol.asyncDispose]();
      db.close();
    },
  };
}

function answerOf(events: EventStore, turn: string) {
  const last = events.events(turn).at(-1);
  const { success, data } = agent.calls.answer.reply.safeParse(last?.data);
  if (last?.name === 'assistant.message' && success) return data.answer;
  throw new AgentError('AGENT_ANSWER_UNKNOWN', `${turn} has no answer yet`);
}
