import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { BlobStore, type Logger, openDatabase } from '@physiclaw/platform';
import type { Config } from './config.ts';
import { Fold, FOLD_TABLE } from './gate/fold.ts';
import type { GateFacts } from './gate/gate.ts';
import { History, HISTORY_TABLE, type Log } from './gate/history.ts';
import { Refusals } from './gate/refusals.ts';
import type { Actuators } from './intent/actuators.ts';
import type { Ground } from './intent/prepare.ts';
import { FollowedLease, type LeaseOptions } from './lease/lease.ts';
import { Acts } from './run/acts.ts';
import { type Driver, Scratch } from '@physiclaw/sandbox';
import { WORKSPACE_TABLES, Workspaces } from './workspace/workspaces.ts';

/** What the parts are joined to: the other services, and the sandbox. */
export interface Joints {
  readonly log: Log;
  /** `policy.lease` for this epoch. */
  readonly follow: (epoch: string) => LeaseOptions['follow'];
  readonly driver: Driver;
  readonly actuators: Actuators;
  readonly logger: Logger;
  /** Aborted when outcomes that the log is owed are waited for no longer. */
  readonly signal: AbortSignal;
}

/** The parts of this service, put together: what its calls are answered with. */
export interface Parts extends AsyncDisposable {
  readonly facts: GateFacts;
  readonly acts: Acts;
  readonly lease: FollowedLease;
  readonly refusals: Refusals;
}

export async function openParts(config: Config, joints: Joints): Promise<Parts> {
  const { state, anchors, trustDomain, isolation, killFile, limits } = config;
  const { log, driver, actuators, logger, signal } = joints;
  await using stack = new AsyncDisposableStack();
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
  const ground = { workspaces, actuators, folders: foldersOf(config), driver, limits };
  const epoch = `e-${randomBytes(16).toString('hex')}`;
  const facts = { trustDomain, vkey, authority, epoch, history, fold, ground };
  const scratch = new Scratch(`${state}/scratch`, logger);
  await scratch.open();
  const refusals = stack.use(new Refusals(log, logger));
  const follow = joints.follow(epoch);
  const lease = stack.use(new FollowedLease({ follow, killFile, log: logger }));
  const told = { facts, log, logger, isolation, signal };
  const acts = new Acts({ ...told, driver, lease, refusals, scratch });
  const owned = stack.move();
  return { facts, acts, lease, refusals, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @throws Error when a mount and an export folder have one name: a call could mean either. */
function foldersOf({ mounts, exports }: Config): Ground['folders'] {
  const folders = [
    ...mounts,
    ...exports.map((folder) => ({ ...folder, access: 'write' as const })),
  ];
  const named = new Map(folders.map(({ name, ...folder }) => [name, folder]));
  if (named.size < folders.length) throw new Error('a mount and an export folder have one name');
  return named;
}
