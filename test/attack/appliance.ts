import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, audit, methods, policy, tools } from '@physiclaw/contracts';
import { AgentConfig } from '@physiclaw/machine';
import { fixedSvid, Peer } from '@physiclaw/platform';
import {
  decodeBase64,
  decodeBundle,
  entriesPath,
  openCheckpoint,
  signerFromSeed,
  signStatement,
} from '@physiclaw/proof';
import { placesOf, readState } from '@physiclaw/stack';
import { z } from 'zod';
import { requireKey, signedInClient } from '#appliance/cli/session/sign-in.ts';
import type { Loot } from './loot.ts';
import type { Target } from './target.ts';

const TRIES = 100;
const PAUSE_MS = 100;
const BUNDLE = 256;

/** The appliance of a home whose agent was taken over, as this agent reaches it. */
export function applianceOf(home: string): Target & Disposable {
  const places = placesOf(home);
  const loot = (): Loot => JSON.parse(readFileSync(join(places.state, 'agent/loot.json'), 'utf8'));
  const anchor = (name: string) => readFileSync(join(places.anchors, name), 'utf8').trim();
  const vkey = anchor('log.vkey');
  const config = readFileSync(join(places.run, 'config/agent.json'), 'utf8');
  const { trustDomain } = AgentConfig.parse(JSON.parse(config));
  const svid = fixedSvid(loot().svid);
  const peer = (api: Api) =>
    new Peer(api, { socket: join(places.run, `${api.service}.sock`), svid, trustDomain });
  const [log, judge, gate] = [peer(audit), peer(policy), peer(tools)];
  const person = signedInClient(places.cliSocket, places.people);
  return {
    authority: anchor('authority.did'),
    async open() {
      const { session } = await person.call('reserveSession', methods.reserveSession, {});
      await person.call('openSession', methods.openSession, { session, entries: [] });
      const { seed = '' } = loot().sessions[session] ?? {};
      return { session, signer: signerFromSeed(decodeBase64(seed)) };
    },
    prepare: ({ session }, wanted) => {
      const turn = `t-${session.slice(2)}`;
      return gate.ask(tools.calls.prepare, { session, turn, ...wanted });
    },
    decide: (question) => judge.ask(policy.calls.decide, question),
    act: (presented) => gate.ask(tools.calls.act, presented),
    append: (event) => log.ask(audit.calls.append, { event }),
    // The bytes are what the agent makes of them: the schema is no part of the attack.
    answerAsAgent: (signed) =>
      judge.ask({ ...policy.calls.answer, request: z.looseObject({}) }, Object(signed)),
    async answer(request, verdict) {
      const signer = requireKey(places.people);
      const { requests } = await person.call('approvals', methods.approvals, {});
      const asked = requests.find((one) => one.request === request);
      if (asked === undefined) throw new Error(`nobody asked for ${request}`);
      const { hash: intent, policy: rules, notAfter, log: shown } = asked;
      const statement = {
        type: 'physiclaw/approval/v1',
        verdict,
        request,
        intent,
        scope: 'once',
        notAfter,
        policy: rules,
        log: shown,
        key: signer.did,
      } as const;
      const signed = signStatement(statement, signer);
      await person.call('approve', methods.approve, signed);
      return signed;
    },
    async restartGate() {
      const before = readState(home)?.services['tools']?.pid;
      if (before === undefined) throw new Error('expected a gate that runs');
      process.kill(before, 'SIGKILL');
      for (let tries = 0; tries < TRIES; tries += 1) {
        await sleep(PAUSE_MS);
        const { pid, state } = readState(home)?.services['tools'] ?? {};
        if (pid === before || state !== 'ready') continue;
        const { tools: now } = await person.call('status', methods.status, {});
        if (now?.leased === true) return;
      }
      throw new Error('the gate did not come back');
    },
    stealLog() {
      const seed = readFileSync(join(home, 'secrets/log-key'), 'utf8').trim();
      const { origin, size } = openCheckpoint(
        readFileSync(join(places.log, 'checkpoint'), 'utf8'),
        vkey,
      );
      const entries = Array.from({ length: Math.ceil(size / BUNDLE) }, (_, at) => {
        const path = entriesPath(at, Math.min(BUNDLE, size - at * BUNDLE));
        return decodeBundle(readFileSync(join(places.log, path)));
      });
      const signer = signerFromSeed(decodeBase64(seed));
      return Promise.resolve({ signer, origin, entries: entries.flat() });
    },
    [Symbol.dispose]() {
      for (const one of [log, judge, gate]) one[Symbol.dispose]();
    },
  };
}
