import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import {
  Bell,
  BlobStore,
  followSvid,
  Peer,
  retrying,
  type ServiceContext,
  Turnstile,
} from '@physiclaw/platform';
import { decodeBase64, type Signer, signerFromSeed } from '@physiclaw/proof';
import { loadRules } from './cedar/rules.ts';
import type { Config } from './config.ts';
import { PolicyError } from './errors.ts';
import { KillSwitch } from './kill/switch.ts';
import { Lease } from './lease/lease.ts';
import { Log } from './log/log.ts';
import { Events } from './state/events.ts';

/** What this service is made of; each call is answered with some of it. */
export type Parts = Awaited<ReturnType<typeof openParts>>;

const hopeless = (error: unknown) => error instanceof PolicyError;

/**
 * Reads the rules, then the log to its end. What is to be closed at the end goes on the stack.
 *
 * @throws PolicyError POLICY_RULES_INVALID before anything is opened, POLICY_LOG_MISMATCH when the
 * log is not the one that was read before.
 */
export async function openParts(
  config: Config,
  context: ServiceContext,
  stack: AsyncDisposableStack,
) {
  const rules = loadRules(config.preset, config.rules);
  const { run, state, trustDomain, anchors, killFile: file } = config;
  const { log: logger, signal } = context;
  const svid = stack.use(followSvid({ socket: `${run}/workload.sock`, log: logger }));
  await mkdir(state, { recursive: true, mode: 0o700 });
  const authority = readAuthority(config, context);
  const events = stack.use(new Events(join(state, 'policy.db')));
  const bell = new Bell();
  const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
  const journal = join(state, 'journal');
  const peer = stack.use(new Peer(audit, { socket: `${run}/audit.sock`, svid, trustDomain }));
  const log = stack.use(new Log({ peer, vkey, trustDomain, events, journal, bell, logger }));
  context.waiting('audit');
  // A log that is not ours is no reason to wait.
  await retrying('audit', () => log.settle(), { signal, log: logger, hopeless });
  const killSwitch = stack.use(new KillSwitch({ file, events, log, bell, logger }));
  return {
    config,
    rules,
    svid,
    /** Signs delegations; the gate believes nobody else. */
    authority,
    events,
    log,
    killSwitch,
    bell,
    /** The bytes of every intent that was decided on. */
    intents: new BlobStore(join(state, 'intents')),
    lease: new Lease(killSwitch, bell),
    /** Of each session one call at a time, so that no two spend the same budget. */
    turnstile: new Turnstile(),
    /** SHA-256 of the claim code, in hexadecimal, where one was made. */
    code: context.optionalCredential('claim-code')?.toString().trim(),
  };
}

/** @throws Error when the key that was handed over is not the one that the gate believes. */
function readAuthority({ anchors }: Config, context: ServiceContext): Signer {
  const seed = context.credential('authority-key').toString().trim();
  const authority = signerFromSeed(decodeBase64(seed));
  const anchored = readFileSync(join(anchors, 'authority.did'), 'utf8').trim();
  if (authority.did === anchored) return authority;
  throw new Error(`authority-key is the key of ${authority.did}, expected that of ${anchored}`);
}
