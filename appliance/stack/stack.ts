import { join } from 'node:path';
import { type Config, type ServiceEntry, slicesOf, startedServices } from '@physiclaw/machine';
import { fileProvider, genesis, handOut } from '@physiclaw/seal';
import { type Cgroup, enterCgroup, foldersOf, makeCgroup, removeCgroups } from './cgroup.ts';
import { readConfiguration } from './configuration.ts';
import { countEgress, forgetEgress } from './egress.ts';
import { makeHome, prepareHome } from './home.ts';
import { prepareReach, type Reach, RUN_GID, uidOf, unmountAll } from './isolation.ts';
import { removeLeftovers } from './leftovers.ts';
import { alreadyRunning, lockHome } from './lock.ts';
import { keepLogsSmall, prepareLog } from './log-file.ts';
import { maskedPaths } from './masked.ts';
import { nameOf, type Places, placesOf } from './places.ts';
import { NODE_ENVIRONMENT, NODE_FLAGS } from './program.ts';
import { prepareRun, removeRun, writeSlices } from './run-folder.ts';
import { readState, type ServiceState, type StackState } from './state.ts';
import { StateFile } from './state-file.ts';
import { Supervisor } from './supervisor.ts';
import { groupIds } from './users.ts';

export interface RunningStack extends AsyncDisposable {
  /** As it was when all were ready. */
  readonly state: StackState;
}

export interface StackOptions {
  readonly home: string;
  /** The folder of the built programs. */
  readonly dist: string;
  /** The Node binary. */
  readonly node: string;
  /** The daemons, in the order in which they are started; those that the configuration asks for where absent. */
  readonly services?: readonly ServiceEntry[] | undefined;
  /** Whom the stack belongs to. */
  readonly owner: number;
  readonly port?: number | undefined;
  readonly claimCode?: string | undefined;
  /** Whether this process is in a mount name space of its own. */
  readonly privateMounts: boolean;
  /** When the start began, in milliseconds since 1970. */
  readonly since: number;
  readonly onChange?: (services: Record<string, ServiceState>) => void;
}

/**
 * Starts every service of one home and keeps them running.
 *
 * Resolves when all are ready. Disposing of it ends them and removes what was made for this run.
 *
 * @throws StackError ConfigError SealError whose message says what to do, or the signal's reason;
 * nothing runs then.
 */
export async function openStack(options: StackOptions, signal: AbortSignal): Promise<RunningStack> {
  await using stack = new AsyncDisposableStack();
  makeHome(options.home);
  const { home } = placesOf(options.home);
  stack.use(await lockHome(home));
  const places = placesOf(home);
  if (readState(home)) throw alreadyRunning(home);
  prepareRun(places);
  await removeLeftovers(places);
  prepareRun(places);
  stack.defer(() => removeRun(places));
  const config = await readConfiguration(places, options.port);

  const reach = await prepareReach(places, options);
  stack.defer(() => unmountAll(places));
  const entries = options.services ?? startedServices(config);
  const uids = Object.fromEntries(entries.map((entry) => [entry.name, uidOf(reach, entry)]));
  prepareHome(places, { owner: options.owner, services: uids });
  await genesis({ home, trustDomain: config.trustDomain, provider: fileProvider });
  const { claimCode } = options;
  await handOut({ home, runFolder: places.run, owners: uids, claimCode });

  const cgroup = makeCgroup({ name: nameOf(home), uid: uids['tools'] ?? 0 });
  if (cgroup) stack.defer(() => removeCgroups(foldersOf(cgroup)));
  hand(places, { config, reach, cgroup, uids, owner: options.owner });
  const file = await run(stack, { options, places, config, reach, cgroup, entries, signal });
  const kept = stack.move();
  return { state: file.state, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Handed {
  readonly config: Config;
  readonly reach: Reach;
  readonly cgroup: Cgroup | undefined;
  readonly uids: Readonly<Record<string, number>>;
  readonly owner: number;
}

/** Hands each service that starts its slice. */
function hand(places: Places, { config, reach, cgroup, uids, owner }: Handed): void {
  const own = [places.home, reach.home, places.run];
  const slices = slicesOf(config, {
    run: places.run,
    home: reach.home,
    dist: reach.dist,
    node: reach.node,
    isolation: reach.isolation,
    ownerUid: owner,
    own,
    masked: maskedPaths(own),
    ...(cgroup && { cgroup }),
  });
  const started = Object.entries(slices).filter(([service]) => uids[service] !== undefined);
  writeSlices(places, Object.fromEntries(started), (service) => uids[service] ?? 0);
}

interface Prepared extends Omit<Handed, 'uids' | 'owner'> {
  readonly options: StackOptions;
  readonly places: Places;
  readonly entries: readonly ServiceEntry[];
  readonly signal: AbortSignal;
}

async function run(stack: AsyncDisposableStack, prepared: Prepared): Promise<StateFile> {
  const { options, places, config, reach, cgroup, entries, signal } = prepared;
  const file = stack.use(
    new StateFile(places, {
      home: places.home,
      run: places.run,
      dist: options.dist,
      port: config.gateway.port,
      isolation: reach.isolation,
      ...(reach.reason !== undefined && { isolationReason: reach.reason }),
      cgroup: cgroup === undefined ? 'none' : `v${cgroup.version}`,
      cgroupFolders: cgroup ? foldersOf(cgroup) : [],
      keyProvider: 'file',
      ...countedBy(stack, prepared),
    }),
  );
  const logs = ['stack', ...entries.map(({ name }) => name)].map((name) =>
    join(places.logs, `${name}.log`),
  );
  for (const path of logs) prepareLog(path, options.owner);
  stack.use(keepLogsSmall(logs));
  const supervisor = new Supervisor({
    services: entries,
    launch: (entry) => launchOf(entry, places, reach),
    onStart: (service, { pid }) => {
      if (service === 'tools' && cgroup) enterCgroup(cgroup, pid);
    },
    onChange: () => {
      const { services: changed } = supervisor;
      file.setServices(changed);
      options.onChange?.(changed);
    },
  });
  stack.use(supervisor);
  await supervisor.start(signal);
  await file.setReady(options.since, options.owner);
  return file;
}

/** Has the kernel count what the services send, where each has a user of its own. */
function countedBy(
  stack: AsyncDisposableStack,
  { places, reach, entries }: Prepared,
): Pick<StackState, 'egressTable'> {
  const table = nameOf(places.home).replace('-', '_');
  const uids = entries.map((entry) => uidOf(reach, entry));
  if (reach.isolation !== 'uid' || !countEgress(table, uids)) return {};
  stack.defer(() => forgetEgress(table));
  return { egressTable: table };
}

function launchOf(entry: ServiceEntry, { run: folder, logs }: Places, reach: Reach) {
  const program = join(reach.dist, `${entry.name}.js`);
  const uid = uidOf(reach, entry);
  return {
    command: [reach.node, ...NODE_FLAGS, program, join(folder, 'config', `${entry.name}.json`)],
    environment: {
      ...NODE_ENVIRONMENT,
      CREDENTIALS_DIRECTORY: join(folder, 'credentials', entry.name),
    },
    user:
      reach.isolation === 'uid' ? { uid, groups: [RUN_GID, ...groupIds(entry.groups)] } : undefined,
    isOffline: reach.networks === 'own' && entry.network === 'none',
    sockets: entry.sockets.map((name) => join(folder, name)),
    logFile: join(logs, `${entry.name}.log`),
  };
}
