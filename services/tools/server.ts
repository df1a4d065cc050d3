import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { audit, policy, tools } from '@physiclaw/contracts';
import {
  BlobStore,
  followSvid,
  openDatabase,
  Peer,
  retrying,
  Server,
  type ServerOptions,
  type Service,
  type ServiceContext,
} from '@physiclaw/platform';
import { encodeBase64 } from '@physiclaw/proof';
import { openDriver, Scratch } from '@physiclaw/sandbox';
import type { Config } from './config.ts';
import { demand } from './errors.ts';
import { Fold, FOLD_TABLE } from './gate/fold.ts';
import { floorOf } from './gate/gate.ts';
import { History, HISTORY_TABLE } from './gate/history.ts';
import { Refusals } from './gate/refusals.ts';
import { builtIn, loadActuators } from './intent/actuators.ts';
import { type Ground, makeIntent } from './intent/prepare.ts';
import { FollowedLease, type LeaseOptions } from './lease/lease.ts';
import { Acts } from './run/acts.ts';
import type { Means } from './run/launch.ts';
import { WORKSPACE_TABLES, Workspaces } from './workspace/workspaces.ts';

const GRACE_MS = 2000;

/**
 * Opens the gate. It serves once it has followed the log to its end, and has ended as `unknown`
 * whatever an earlier process started.
 */
export async function startTools(config: Config, context: ServiceContext): Promise<Service> {
  const { run, state, trustDomain, programs } = config;
  const { log } = context;
  const owed = new AbortController();
  await using stack = new AsyncDisposableStack();
  const svid = stack.use(followSvid({ socket: `${run}/workload.sock`, log }));
  // Whoever waits for a first SVID waits no longer; one that we hold stays good.
  context.signal.addEventListener('abort', () => void svid[Symbol.asyncDispose]());
  const peer = (api: typeof audit | typeof policy) =>
    stack.use(new Peer(api, { socket: `${run}/${api.service}.sock`, svid, trustDomain }));
  const authority = peer(policy);
  const scratch = `${state}/driver`;
  const supervisor = join(dirname(programs), 'supervisor.js');
  const driver = stack.use(await openDriver({ ...config, scratch, supervisor, log }));
  const parts = await openParts(stack, config, {
    log: peer(audit),
    follow: (epoch) => (signal) => authority.follow(policy.calls.lease, { epoch }, { signal }),
    driver,
    actuators: await loadActuators(builtIn(programs), config.actuators),
    logger: log,
    signal: owed.signal,
  });
  context.waiting('audit');
  await retrying('audit', () => parts.acts.settleAll(), { signal: context.signal, log });
  const server = stack.use(serve(parts, { socket: `${run}/tools.sock`, svid, log, trustDomain }));
  const owned = stack.move();
  return {
    listen: () => server.listen(),
    async [Symbol.asyncDispose]() {
      // Runs end first, so that their outcomes are told while the log may still be there.
      await parts.lease[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
      setTimeout(() => owed.abort(new Error('asked to stop')), GRACE_MS).unref();
      await owned.disposeAsync();
    },
  };
}

/** Each call of the contract, and what answers it. */
export function serve(parts: Parts, edge: ServerOptions): Server {
  const { actuators, acts, driver, folders, lease, refusals, workspaces } = parts;
  const { calls } = tools;
  return new Server(tools, edge)
    .answer(calls.receiveBlob, async ({ session, digest, bytes }) => {
      await workspaces.receive(session, digest, Buffer.from(bytes, 'base64'));
      return {};
    })
    .answer(calls.openWorkspace, async ({ session, entries }) => ({
      tree: await workspaces.open(session, entries),
    }))
    .answer(calls.prepare, async (wanted) => {
      demand(driver.missing === undefined, 'TOOLS_SANDBOX_MISSING', driver.missing ?? '');
      const tree = workspaces.head(wanted.session);
      const salt = encodeBase64(randomBytes(16));
      const { text, hash } = await makeIntent(parts, { ...wanted, tree, salt });
      return { intent: text, hash };
    })
    .answer(calls.act, async (presented) => ({ receipt: await acts.act(presented) }))
    .answer(calls.outcome, ({ session, capability }) => acts.outcome(session, capability))
    .answer(calls.readBlob, async ({ session, digest, offset, length }) => {
      const bytes = await workspaces.read(session, digest);
      return { bytes: encodeBase64(bytes.subarray(offset, offset + length)), size: bytes.length };
    })
    .answer(calls.actuators, () => ({
      actuators: [...actuators.values()].map(({ manifest }) => ({
        ...manifest,
        floor: floorOf(manifest.name, manifest.effects),
      })),
    }))
    .answer(calls.status, () => ({
      driver: driver.name,
      missing: driver.missing,
      limiter: driver.limiter,
      running: acts.running,
      leased: lease.halt === undefined,
      mounts: [...folders.keys()],
    }))
    .onMetrics(() => ({ running: acts.running, refusals: refusals.total }));
}

/** What the parts are joined to: the other services, and the sandbox. */
export interface Joints extends Pick<Means, 'actuators' | 'driver' | 'log' | 'logger' | 'signal'> {
  /** `policy.lease` for this epoch. */
  readonly follow: (epoch: string) => LeaseOptions['follow'];
}

/** The parts of this service, put together: what its calls are answered with. */
export type Parts = Awaited<ReturnType<typeof openParts>>;

/** Opens the parts; the stack ends them. */
export async function openParts(stack: AsyncDisposableStack, config: Config, joints: Joints) {
  const { state, anchors, trustDomain, isolation, killFile, limits } = config;
  const { follow, ...joined } = joints;
  const { log, logger } = joined;
  await mkdir(state, { recursive: true, mode: 0o700 });
  const anchor = async (name: string) => (await readFile(`${anchors}/${name}`, 'utf8')).trim();
  const vkey = await anchor('log.vkey');
  const authority = await anchor('authority.did');
  const tables = WORKSPACE_TABLES + FOLD_TABLE + HISTORY_TABLE;
  const db = stack.adopt(openDatabase(`${state}/tools.db`, [tables]), (open) => void open.close());
  const workspaces = new Workspaces(db, new BlobStore(`${state}/blobs`));
  const fold = new Fold(db, trustDomain);
  const onTree = workspaces.advance.bind(workspaces);
  const history = new History({ db, log, fold, vkey, onTree });
  const epoch = `e-${randomBytes(16).toString('hex')}`;
  const facts = { trustDomain, vkey, authority, epoch, history, fold };
  const scratch = new Scratch(`${state}/scratch`, logger);
  await scratch.open();
  const refusals = stack.use(new Refusals(log, logger));
  const lease = stack.use(new FollowedLease({ follow: follow(epoch), killFile, log: logger }));
  const ground = { workspaces, folders: foldersOf(config), limits };
  const means = { ...joined, ...facts, ...ground, isolation, lease, refusals, scratch };
  return { ...means, acts: new Acts(means) };
}

/** @throws Error when a mount and an export folder have one name: a call could mean either. */
function foldersOf({ mounts, exports }: Config): Ground['folders'] {
  const written = exports.map((folder) => ({ ...folder, access: 'write' as const }));
  const named = new Map([...mounts, ...written].map((folder) => [folder.name, folder]));
  if (named.size === mounts.length + exports.length) return named;
  throw new Error('a mount and an export folder have one name');
}
