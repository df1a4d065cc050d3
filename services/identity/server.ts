import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { audit, identity, type LogEvent } from '@physiclaw/contracts';
import {
  Peer,
  Server,
  type Service,
  type ServiceContext,
  startTimeOf,
  SvidHolder,
} from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { Authority } from './authority/authority.ts';
import { Children } from './child/children.ts';
import { Holders } from './child/holders.ts';
import type { Config } from './config.ts';
import { Records, type RecordsOptions } from './log/records.ts';
import { watchClock } from './svid/clock.ts';
import { Svids } from './svid/svids.ts';
import { WorkloadSocket } from './svid/workload-socket.ts';

// A log that hangs must not outlast the half of an SVID's life that is left for renewal.
const PATIENCE_SHARE_MS = 250;
const LONGEST_PATIENCE_MS = 10_000;

/**
 * Issues this trust domain's SVIDs; `pipe` brings the table of children. Its own comes first, then
 * `audit`'s; nobody else gets one before the log has these.
 *
 * @throws IdentityError IDENTITY_KEY_FOREIGN when the CA key is not the anchors'.
 * @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE
 */
export async function startIdentity(
  config: Config,
  context: ServiceContext,
  pipe: Readable,
): Promise<Service> {
  const { run, trustDomain } = config;
  const { log } = context;
  await using parts = new AsyncDisposableStack();
  const { bundle, own, records, svids } = await openIssuer(config, context, parts);
  const children = new Children();
  const workloads = new WorkloadSocket({ path: join(run, 'workload.sock'), children, svids, log });
  parts.use(workloads);
  const counts = () => ({ issued: svids.issued, journaled: records.owed });
  const server = new Server(identity, {
    socket: join(run, 'identity.sock'),
    svid: own,
    log,
    trustDomain,
  })
    .answer(identity.calls.status, () => ({ bundle, ...counts() }))
    .onMetrics(() => ({ ...counts(), refused: workloads.refused }));
  parts.use(server);

  const stop = new AbortController();
  parts.defer(() => stop.abort(new Error('identity stops')));
  void holdOwn(own, svids, stop.signal);
  void hear(
    children,
    parts.adopt(pipe, () => void pipe.destroy()),
    stop.signal,
  );
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

/** All that it takes to issue an SVID; the log is owed the genesis from here on. */
async function openIssuer(
  config: Config,
  { credential, log }: ServiceContext,
  parts: AsyncDisposableStack,
) {
  const { run, state, trustDomain, svidSeconds } = config;
  const bundle = readFileSync(join(config.anchors, 'trust-bundle.pem'), 'utf8');
  const caKey = credential('ca-key').toString();
  const authority = await Authority.open({ caKey, bundle, trustDomain });
  const own = new SvidHolder();
  const socket = join(run, 'audit.sock');
  const peer = parts.use(new Peer(audit, { socket, svid: own, trustDomain }));
  const patienceMs = Math.min(svidSeconds * PATIENCE_SHARE_MS, LONGEST_PATIENCE_MS);
  const tell: RecordsOptions['tell'] = (owed, signal) =>
    peer.ask(audit.calls.append, owed, { patienceMs, signal });
  const records = parts.use(new Records({ tell, state, log }));
  records.owe(genesisOf(config), ['genesis']);
  const holders = new Holders(join(state, 'holders.json'), log);
  const svids = new Svids({ authority, records, holders, trustDomain, svidSeconds, log });
  const step = (seconds: number) => {
    log.warn({ seconds }, 'the clock was set: every SVID is issued anew');
    svids.reissue();
  };
  parts.use(watchClock(step));
  return { bundle, own, records, svids };
}

/** What the log begins with: the anchors, as they lie where no service can write. */
function genesisOf({ anchors, trustDomain, keyProvider, isolation }: Config): LogEvent {
  const read = (file: string) => readFileSync(join(anchors, file), 'utf8');
  return {
    kind: 'genesis',
    trustDomain,
    logKey: read('log.vkey').trim(),
    authority: read('authority.did').trim(),
    trustBundle: digestOf(read('trust-bundle.pem')),
    keyProvider,
    isolation,
  };
}

async function holdOwn(own: SvidHolder, svids: Svids, signal: AbortSignal): Promise<void> {
  const self = { service: 'identity', pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
  for await (const { cert, key, bundle } of svids.follow(self, signal)) {
    own.hold({ cert, key, ca: bundle });
  }
}

async function hear(children: Children, pipe: Readable, signal: AbortSignal): Promise<void> {
  try {
    await children.follow(pipe);
  } catch (error) {
    // Ended by us it breaks off; a line that is no table ends the process.
    if (!signal.aborted) throw error;
  }
}
