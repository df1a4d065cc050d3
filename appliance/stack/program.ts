import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 5000;

// Programs of util-linux and coreutils, where Debian keeps them.
export const SETPRIV = '/usr/bin/setpriv';
const UNSHARE = '/usr/bin/unshare';
const MOUNT = '/usr/bin/mount';
const UMOUNT = '/usr/bin/umount';
const TEST = '/usr/bin/test';

/**
 * How Node is started for what runs all the time. Its young generation would grow to 48 MiB under
 * load and stay so; two arenas of memory do for the few threads that a daemon has.
 */
export const NODE_FLAGS = ['--max-semi-space-size=2'] as const;
export const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' } as const;

/**
 * How a program is started in a mount name space of its own. What it mounts nobody else sees; a
 * disk that is mounted on the machine later appears there too.
 */
export const PRIVATE_MOUNTS = [UNSHARE, '--mount', '--propagation', 'slave', '--'] as const;

/** How a program is started in a network name space of its own, which nothing leads out of. */
export const NO_NETWORK = [UNSHARE, '--net', '--'] as const;

/** Whether this user may start a program so on this machine. */
export function canStart([program, ...flags]: readonly [string, ...string[]]): boolean {
  return succeeds(program, [...flags, '/usr/bin/true']);
}

/** Shows a folder at a second place. @throws Error when this machine does not allow it. */
export async function bind(from: string, to: string, options: readonly string[]): Promise<void> {
  await run(MOUNT, ['-o', ['bind', ...options].join(','), from, to], { timeout: TIMEOUT_MS });
}

export async function unbind(path: string): Promise<void> {
  await run(UMOUNT, [path], { timeout: TIMEOUT_MS });
}

/** Flags of setpriv that make a process one user, without a capability or a way to get one. */
export function asUser(uid: number, groups: readonly number[]): string[] {
  return [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    '--inh-caps=-all',
    '--no-new-privs',
  ];
}

/** Whether a user can pass this test of `test`: `-x` a folder, `-r` a file. */
export function userCan(uid: number, test: '-r' | '-x', path: string): boolean {
  return succeeds(SETPRIV, [...asUser(uid, []), '--', TEST, test, path]);
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: TIMEOUT_MS }).status === 0;
}
