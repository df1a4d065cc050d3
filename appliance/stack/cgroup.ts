import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolsConfig } from '@physiclaw/machine';
import { isRefusal } from './error.ts';

/** Where `tools` may make a control group for each run. */
export type Cgroup = NonNullable<ToolsConfig['cgroup']>;

interface Wanted {
  /** What the group is called in each hierarchy. */
  readonly name: string;
  /** Who may make groups below it. */
  readonly uid: number;
}

const CONTROLLERS = ['memory', 'pids', 'cpu'] as const;
const V1 = [...CONTROLLERS, 'cpuacct'] as const;

/** The leaf of version 2 that the daemon itself is in: only there it may move its children away. */
const DAEMON = 'daemon';

/** Makes a control group for `tools` and gives it away; undefined where the machine grants none. */
export function makeCgroup(wanted: Wanted): Cgroup | undefined {
  try {
    return makeV2(wanted, CONTROLLERS) ?? makeV1(wanted);
  } catch (error) {
    // Not root, or a container whose hierarchy is read-only.
    if (isRefusal(error, 'EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENOENT', 'EINVAL')) return undefined;
    throw error;
  }
}

/** Puts the daemon where it may start runs in groups of their own. Version 1 asks for nothing. */
export function enterCgroup(cgroup: Cgroup, pid: number): void {
  if (cgroup.version === 2) writeFileSync(join(cgroup.path, DAEMON, 'cgroup.procs'), String(pid));
}

/** The group's folder in each hierarchy. */
export function foldersOf(cgroup: Cgroup): string[] {
  if (cgroup.version === 2) return [cgroup.path];
  return [...new Set([cgroup.memory, cgroup.pids, cgroup.cpu, cgroup.cpuacct])];
}

/** Ends all that runs in groups of these folders and removes them. */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removeTree(folder);
}

/**
 * The group of version 2. At the top of the hierarchy, because a group with processes of its own,
 * as the one that a person's shell is in, may have no child with controllers.
 */
export function makeV2(
  { name, uid }: Wanted,
  controllers: readonly string[],
): Extract<Cgroup, { version: 2 }> | undefined {
  const top = mountsOf('cgroup2')[0]?.path;
  if (top === undefined || !offers(top, controllers)) return undefined;
  const path = join(top, name);
  mkdirSync(path, { recursive: true });
  const enable = controllers.map((controller) => `+${controller}`).join(' ');
  writeFileSync(join(path, 'cgroup.subtree_control'), enable);
  mkdirSync(join(path, DAEMON), { recursive: true });
  for (const folder of [path, join(path, DAEMON)]) {
    for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']) {
      chownSync(join(folder, file), uid, uid);
    }
  }
  return { version: 2, path };
}

/** Whether groups at the top have these controllers; they are switched on where they are not. */
function offers(top: string, controllers: readonly string[]): boolean {
  const wordsOf = (file: string) => readFileSync(join(top, file), 'utf8').trim().split(/\s+/);
  const available = wordsOf('cgroup.controllers');
  if (!controllers.every((controller) => available.includes(controller))) return false;
  const missing = controllers.filter((one) => !wordsOf('cgroup.subtree_control').includes(one));
  if (missing.length > 0) {
    writeFileSync(join(top, 'cgroup.subtree_control'), missing.map((one) => `+${one}`).join(' '));
  }
  return true;
}

/** The groups of version 1: below our own, so that a limit that holds for us holds for them. */
function makeV1({ name, uid }: Wanted): Cgroup | undefined {
  const mounts = mountsOf('cgroup');
  const own = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  const folders = V1.map((controller) => {
    const mount = mounts.find(({ options }) => options.includes(controller));
    const group = own.find((line) => line.split(':')[1]?.split(',').includes(controller));
    if (mount === undefined || group === undefined) return undefined;
    const inside = join(mount.path, group.split(':').slice(2).join(':').slice(mount.root.length));
    // In a container the own group can lie outside what is mounted.
    return join(existsSync(inside) ? inside : mount.path, name);
  });
  const [memory, pids, cpu, cpuacct] = folders;
  if (!memory || !pids || !cpu || !cpuacct) return undefined;
  for (const folder of new Set([memory, pids, cpu, cpuacct])) {
    mkdirSync(folder, { recursive: true });
    for (const file of ['', 'cgroup.procs', 'tasks']) chownSync(join(folder, file), uid, uid);
  }
  return { version: 1, memory, pids, cpu, cpuacct };
}

interface CgroupMount {
  /** Which group of the hierarchy is seen at `path`, without a slash at its end. */
  readonly root: string;
  readonly path: string;
  readonly options: readonly string[];
}

function mountsOf(type: 'cgroup' | 'cgroup2'): CgroupMount[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '/', path = ''] = before.split(' ');
    const [found, , options = ''] = after.split(' ');
    const shown = { root: root === '/' ? '' : root, path, options: options.split(',') };
    return found === type ? [shown] : [];
  });
}

async function removeTree(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(path, entry.name));
  }
  // The kernel lets go of a group some moments after its last process ended.
  for (let attempt = 0; attempt < 100 && !tryToRemove(path); attempt += 1) await sleep(10);
}

function tryToRemove(path: string): boolean {
  try {
    for (const pid of readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n')) {
      if (pid !== '') endProcess(Number(pid));
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return true;
    if (isRefusal(error, 'EBUSY')) return false;
    throw error;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isRefusal(error, 'ESRCH')) throw error;
  }
}
