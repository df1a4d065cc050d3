import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, identity } from '@physiclaw/contracts';
import {
  Peer,
  Server,
  type Service,
  type ServiceContext,
  startTimeOf,
  SvidHolder,
  watchClock,
} from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { Authority } from './authority/authority.ts';
import { Children, Units } from './child/children.ts';
import { Holders } from './child/holders.ts';
import type { Config } from './config.ts';
import { IdentityError } from './errors.ts';
import { Records, type Tell } from './log/records.ts';
import { Svids } from './svid/svids.ts';
import { WorkloadSocket } from './svid/workload-socket.ts';

// A log that hangs must not outlast the half of an SVID's life that is left for renewal.
const PATIENCE_SHARE_MS = 250;
const LONGEST_PATIENCE_MS = 10_000;

/**
 * Issues this trust domain's SVIDs; `pipe` brings the table of children, and without it the units
 * of systemd say who is who. Its own comes first, then `audit`'s; nobody else gets one before the
 * log has these.
 *
 * @throws IdentityError IDENTITY_KEY_FOREIGN when the CA key is not the anchors'.
 * @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE
 */
export async function startIdentity(
  config: Config,
  context: ServiceContext,
  pipe?: AsyncIterable<Uint8Array>,
): Promise<Service> {
  const { run, trustDomain } = config;
  const { log } = context;
  await using parts = new AsyncDisposableStack();
  const { authority, bundle, own, records, svids } = await openIssuer(config, context, parts);
  const children = pipe ? new Children() : new Units();
  const path = join(run, 'workload.sock');
  const workloads = parts.use(new WorkloadSocket({ path, children, svids, log }));
  const counts = () => ({ issued: svids.issued, journaled: records.owed });
  const socket = join(run, 'identity.sock');
  const server = parts
    .use(new Server(identity, { socket, svid: own, log, trustDomain }))
    .answer(identity.calls.status, () => ({ bundle, ...counts() }))
    .answer(identity.calls.certify, async ({ person, request }) => {
      // The door names the person; a service's name from there would make it that service.
      const isPerson = person.startsWith(`spiffe://${trustDomain}/user/`);
      const message = `expected a person of ${trustDomain}, found ${person}`;
      IdentityError.demand(isPerson, 'IDENTITY_PERSON_FOREIGN', message);
      const { cert, serial, notAfter } = await authority.certify(person, request);
      await records.append({ kind: 'certificate', person, serial, notAfter });
      return { certificate: cert, bundle, notAfter };
    })
    .onMetrics(counts);
  const stop = new AbortController();
  parts.defer(() => stop.abort(new Error('identity stops')));
  void holdOwn(own, svids, stop.signal);
  // A line that is no table is an error that nothing catches: it ends the process.
  if (pipe) void children.follow(pipe, () => workloads.endStrangers());
  const kept = parts.move();
  return {
    async listen() {
      await server.listen();
      await workloads.listen();
      context.waiting('audit');
      await records.settled(stop.signal);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** All that it takes to issue an SVID. From here on the log is owed the genesis. */
async function openIssuer(
  config: Config,
  { credential, log }: ServiceContext,
  parts: AsyncDisposableStack,
) {
  const { run, state, trustDomain, svidSeconds } = config;
  const anchor = (file: string) => readFileSync(join(config.anchors, file), 'utf8');
  const bundle = anchor('trust-bundle.pem');
  const authority = await Authority.open(credential('ca-key').toString(), bundle, trustDomain);
  const own = new SvidHolder();
  const socket = join(run, 'audit.sock');
  const peer = parts.use(new Peer(audit, { socket, svid: own, trustDomain }));
  const patienceMs = Math.min(svidSeconds * PATIENCE_SHARE_MS, LONGEST_PATIENCE_MS);
  const tell: Tell = (entry, signal) => peer.ask(audit.calls.append, entry, { patienceMs, signal });
  const records = parts.use(new Records(state, tell, log));
  const { keyProvider, isolation } = config;
  const logKey = anchor('log.vkey').trim();
  const did = anchor('authority.did').trim();
  const trustBundle = digestOf(bundle);
  records.owe(
    { kind: 'genesis', trustDomain, logKey, authority: did, trustBundle, keyProvider, isolation },
    'genesis',
  );
  const holders = new Holders(join(state, 'holders.json'), log);
  const svids = new Svids({ authority, records, holders, trustDomain, svidSeconds, log });
  const step = (seconds: number) => {
    log.warn({ seconds }, 'the clock was set: every SVID is issued anew');
    records.owe({ kind: 'clock', seconds: Math.round(seconds) });
    svids.reissue();
  };
  parts.use(watchClock(step));
  return { authority, bundle, own, records, svids };
}

async function holdOwn(own: SvidHolder, svids: Svids, signal: AbortSignal): Promise<void> {
  const self = { service: 'identity', pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  for await (const { cert, key, bundle } of svids.follow(self, signal)) {
    own.hold({ cert, key, ca: bundle });
  }
}
