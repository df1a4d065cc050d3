import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { toolsRoot, work } from './places.ts';

/** Arguments; those that belong together may be a list of their own. */
export type Arguments = readonly (string | readonly string[])[];

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly minutes?: number;
}

/**
 * Runs a program with closed stdin and returns what it printed.
 *
 * @throws Error with the end of what it said, when it ends with anything but 0 or takes too long.
 */
export function command(program: string, args: Arguments, options: CommandOptions = {}): string {
  const { cwd, environment = {}, minutes = 10 } = options;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args.flat(), {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...fixed, ...environment },
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: minutes * 60_000,
  });
  if (error) throw new Error(`${program} did not run`, { cause: error });
  if (status === 0) return stdout;
  const said = `${stdout}${stderr}`.replaceAll('\r', '\n').trim().split('\n').slice(-20).join('\n');
  throw new Error(`${program} ended with ${status ?? signal}:\n${said}`);
}

/**
 * Runs a program of the tools root, in a mount namespace of its own so that nothing stays mounted.
 * The work folder is at /mnt there: hand over paths by {@link inTools}.
 */
export function tool(program: string, args: Arguments, options: CommandOptions = {}): string {
  const within = [toolsRoot(), work, program, ...args.flat()];
  return command('unshare', ['-m', 'sh', '-ec', ENTER, 'tools', ...within], options);
}

/** Where a file of the work folder is for a program of the tools root. */
export function inTools(path: string): string {
  return join('/mnt', path.slice(work.length));
}

const ENTER = `root=$1 work=$2; shift 2
mount --bind "$work" "$root/mnt"; mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"; mount -t tmpfs tmpfs "$root/tmp"
exec chroot "$root" "$@"`;

const fixed = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};
