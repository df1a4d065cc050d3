// The agent, taken over: it does what the gateway needs of it, and hands all that it holds to the
// attack: its SVID, and the key and delegation of each session.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agent } from '@physiclaw/contracts';
import { AgentConfig } from '@physiclaw/machine';
import {
  ApplianceError,
  followSvid,
  runService,
  Server,
  type Service,
  type ServiceContext,
} from '@physiclaw/platform';
import { encodeBase64, generateSeed, signerFromSeed } from '@physiclaw/proof';
import type { Loot } from '../loot.ts';

await runService(AgentConfig, startHostileAgent);

function startHostileAgent(
  { run, state, trustDomain }: AgentConfig,
  { log }: ServiceContext,
): Service {
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  const sessions: Loot['sessions'] = {};
  const file = join(state, 'loot.json');
  const hand = async () => {
    const loot: Loot = { svid: await svid.current(), sessions };
    writeFileSync(`${file}.draft`, JSON.stringify(loot), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  };
  const { calls } = agent;
  const server = new Server(agent, { socket: join(run, 'agent.sock'), svid, log, trustDomain })
    .answer(calls.openSession, ({ session }) => {
      const seed = generateSeed();
      sessions[session] = { seed: encodeBase64(seed) };
      return { did: signerFromSeed(seed).did };
    })
    .answer(calls.beginSession, async ({ session, tree }) => {
      sessions[session] = { seed: '', ...sessions[session], tree };
      await hand();
      return {};
    })
    .answer(calls.abilities, () => ({ planner: 'runbook' as const, runbooks: [] }))
    .answer(calls.ask, nothing)
    .stream(calls.follow, nothing)
    .answer(calls.answer, nothing)
    .answer(calls.answerBundle, nothing)
    .answer(calls.explain, nothing)
    .answer(calls.abort, nothing)
    .answer(calls.history, nothing);
  return {
    async listen() {
      await server.listen();
      await hand();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}

function nothing(): never {
  throw new ApplianceError('AGENT_TURN_UNKNOWN', 404, 'this agent takes no turn');
}
