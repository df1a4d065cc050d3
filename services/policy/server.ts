import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { audit, policy } from '@physiclaw/contracts';
import {
  Bell,
  BlobStore,
  followSvid,
  Journal,
  Peer,
  retrying,
  Server,
  type Service,
  type ServiceContext,
  Turnstile,
} from '@physiclaw/platform';
import { decodeBase64, type Signer, signerFromSeed } from '@physiclaw/proof';
import { answer } from './approval/answer.ts';
import { countPending, followRequest, showRequests } from './approval/requests.ts';
import { loadRules } from './cedar/rules.ts';
import type { Config } from './config.ts';
import { decide, explain } from './decision/decide.ts';
import { PolicyError } from './errors.ts';
import { KillSwitch } from './kill/switch.ts';
import { Lease } from './lease/lease.ts';
import { Log, Waiting } from './log/log.ts';
import type { Parts } from './parts.ts';
import { modeOf } from './people/directory.ts';
import { Enrolments } from './people/enrolments.ts';
import { claim, signIn } from './people/people.ts';
import { nameReceiver, receiverIn } from './people/receiver.ts';
import { checkToken, createToken, listTokens, revokeToken } from './people/tokens.ts';
import { openSession } from './session/open.ts';
import { Events } from './state/events.ts';

const hopeless = (error: unknown) => error instanceof PolicyError;

/**
 * Reads the rules, then the log to its end, and only then serves.
 *
 * @throws PolicyError POLICY_RULES_INVALID before anything is opened, POLICY_LOG_MISMATCH when the
 * log is not the one that was read before.
 */
export async function startPolicy(config: Config, context: ServiceContext): Promise<Service> {
  const rules = loadRules(config.preset, config.rules);
  const { run, state, trustDomain, anchors, killFile: file } = config;
  const { log: logger, signal } = context;
  await using stack = new AsyncDisposableStack();
  const svid = stack.use(followSvid({ socket: `${run}/workload.sock`, log: logger }));
  await mkdir(state, { recursive: true, mode: 0o700 });
  const authority = readAuthority(config, context);
  const events = stack.use(new Events(join(state, 'policy.db')));
  const bell = new Bell();
  const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
  const journal = stack.use(new Journal(join(state, 'journal'), Waiting));
  const peer = stack.use(new Peer(audit, { socket: `${run}/audit.sock`, svid, trustDomain }));
  const log = stack.use(new Log({ peer, vkey, trustDomain, events, journal, bell, logger }));
  context.waiting('audit');
  // A log that is not ours is no reason to wait.
  await retrying('audit', () => log.settle(), { signal, log: logger, hopeless });
  const killSwitch = stack.use(new KillSwitch({ file, events, log, bell, logger }));
  const parts: Parts = {
    config,
    rules,
    authority,
    events,
    log,
    killSwitch,
    bell,
    intents: new BlobStore(join(state, 'intents')),
    lease: new Lease(killSwitch, bell),
    turnstile: new Turnstile(),
    code: context.optionalCredential('claim-code')?.toString().trim(),
  };
  const edge = { socket: `${run}/policy.sock`, svid, log: logger, trustDomain };
  const server = stack.use(serveOthers(serveDecisions(new Server(policy, edge), parts), parts));
  const owned = stack.move();
  return {
    listen: () => server.listen(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const { calls } = policy;

function serveDecisions(server: Server, parts: Parts): Server {
  return server
    .answer(calls.openSession, (opening) => openSession(opening, parts))
    .answer(calls.decide, (question) => decide(question, parts))
    .answer(calls.explain, ({ intent }) => explain(intent, parts))
    .stream(calls.followApproval, ({ request }, { signal }) =>
      followRequest(request, parts, signal),
    )
    .answer(calls.requests, async ({ state }) => ({ requests: await showRequests(state, parts) }))
    .answer(calls.answer, (signed) => answer(signed, parts))
    .stream(calls.lease, (gate, { signal }) => parts.lease.renew(gate, signal))
    .answer(calls.resume, async (signed) => ({ receipt: await parts.killSwitch.resume(signed) }));
}

function serveOthers(server: Server, parts: Parts): Server {
  const { events, log, rules, killSwitch, lease } = parts;
  const enrolments = new Enrolments(parts);
  return server
    .answer(calls.claim, (claimed) => claim(claimed, parts))
    .answer(calls.enrol, (asked) => enrolments.enrol(asked))
    .answer(calls.enrolments, () => enrolments.list())
    .answer(calls.endorse, (signed) => enrolments.endorse(signed))
    .answer(calls.signIn, (signed) => signIn(signed, parts))
    .answer(calls.nameReceiver, (signed) => nameReceiver(signed, parts))
    .answer(calls.createToken, (creation) => createToken(creation, parts))
    .answer(calls.tokens, () => ({ tokens: listTokens(events) }))
    .answer(calls.revokeToken, (revocation) => revokeToken(revocation, parts))
    .answer(calls.checkToken, ({ token }) => checkToken(token, events))
    .answer(calls.kill, ({ person }) => ({ kill: killSwitch.kill(person) }))
    .answer(calls.status, () => ({
      mode: modeOf(events),
      preset: rules.preset,
      policy: rules.digest,
      killed: killSwitch.look(),
      gate: lease.epoch !== undefined,
      pending: countPending(parts),
      journaled: log.journaled,
      receiver: receiverIn(events),
    }));
}

/** @throws Error when the key that was handed over is not the one that the gate believes. */
function readAuthority({ anchors }: Config, context: ServiceContext): Signer {
  const seed = context.credential('authority-key').toString().trim();
  const authority = signerFromSeed(decodeBase64(seed));
  const anchored = readFileSync(join(anchors, 'authority.did'), 'utf8').trim();
  if (authority.did === anchored) return authority;
  throw new Error(`authority-key is the key of ${authority.did}, expected that of ${anchored}`);
}
