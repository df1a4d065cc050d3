import type { Run } from './driver.ts';
import { type Bind, hiddenPlaces, maskOptions } from './masks.ts';

const MiB = 1024 ** 2;
const TEMPORARY_BYTES = 64 * MiB;
const FILE_BYTES = 256 * MiB;
const OPEN_FILES = 1024;
/** Node maps more than 500 MiB that it may write to and never touches. */
const RESERVED_BYTES = 1024 * MiB;

const NODE = '/physiclaw/node';
const ACTUATOR = '/physiclaw/actuator.mjs';

/** Name spaces of its own for everything, no capability, no way to ask for either again. */
const APART =
  '--unshare-user --unshare-all --disable-userns --cap-drop ALL --die-with-parent --new-session ' +
  '--as-pid-1 --clearenv --uid 1000 --gid 1000 --hostname sandbox';
const BASE =
  '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib ' +
  '--symlink usr/lib64 /lib64 --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache ' +
  // Which of several programs bears a name.
  '--ro-bind-try /etc/alternatives /etc/alternatives ' +
  '--ro-bind-try /etc/localtime /etc/localtime --proc /proc';
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const LINKS = { fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2', shm: '/tmp' };

export interface Place {
  /** Host path of the Node binary that runs actuators. */
  readonly node: string;
  /** Host paths that no sandbox sees, beside home and key folders. */
  readonly masked: readonly string[];
}

/** What the sandbox of a run is made of, as bubblewrap's options. */
export function sandboxOptions(run: Run, { node, masked }: Place): string[] {
  const hidden = hiddenPlaces(masked);
  const named = run.mounts.map(({ name, path, access }) => ({
    path,
    target: `/mounts/${name}`,
    writable: access === 'write',
  }));
  return [
    ...words(APART),
    ...words(BASE),
    ...maskOptions({ path: '/usr', target: '/usr' }, hidden),
    ...DEVICES.flatMap((device) => ['--dev-bind', `/dev/${device}`, `/dev/${device}`]),
    ...Object.entries(LINKS).flatMap(([name, to]) => ['--symlink', to, `/dev/${name}`]),
    ...words(`--size ${TEMPORARY_BYTES} --tmpfs /tmp`),
    ...shown({ path: run.workspace, target: '/workspace' }, run.writable),
    ...run.operands.flatMap(({ path, target }) => shown({ path, target: `/operands/${target}` })),
    ...named.flatMap((bind) => [...shown(bind, bind.writable), ...maskOptions(bind, hidden)]),
    ...shown({ path: node, target: NODE }),
    ...shown({ path: run.program, target: ACTUATOR }),
    ...Object.entries(run.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    // The kernel's settings in it are root's to change, and root may be who runs this.
    ...words('--remount-ro /proc --remount-ro / --chdir /workspace'),
  ];
}

function shown({ path, target }: Bind, writable = false): string[] {
  return [writable ? '--bind' : '--ro-bind', path, target];
}

function words(options: string): string[] {
  return options.split(' ');
}

/** The actuator, under the kernel's limits on each of its processes. */
export function sandboxCommand({ profile: { limits, limiter } }: Run): string[] {
  const cpu = Math.ceil(limits.cpuSeconds) + 1;
  const each = `--core=0 --nofile=${OPEN_FILES} --fsize=${FILE_BYTES} --cpu=${cpu}`;
  // A control group counts these better, and says so when it refuses.
  const all = ` --nproc=${limits.processes} --data=${limits.memoryBytes + RESERVED_BYTES}`;
  const limit = limiter === 'rlimits' ? each + all : each;
  return words(`/usr/bin/prlimit ${limit} -- ${NODE} ${ACTUATOR}`);
}
