import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@physiclaw/platform';
import { ControlGroup } from './supervisor/control-group.ts';
import { Bubblewrap, type BubblewrapOptions } from './bubblewrap.ts';
import type { Driver } from './driver.ts';

export interface DriverOptions extends BubblewrapOptions {
  /** Folders below which a control group may be made for each run: one, or one in each hierarchy. */
  readonly cgroup?:
    | { readonly version: 1 | 2; readonly [folder: string]: string | 1 | 2 }
    | undefined;
  readonly log: Logger;
}

/** The sandbox driver of this machine. It opens also where no sandbox can be made: ask `missing`. */
export async function openDriver(options: DriverOptions): Promise<Driver & AsyncDisposable> {
  const { cgroup, log, scratch } = options;
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  // Two controllers may share one hierarchy.
  const folders = Object.values(cgroup ?? {}).filter((value) => typeof value === 'string');
  if (cgroup?.version === 2) delegate(folders, log);
  const cgroups = canLimit([...new Set(folders)], log);
  const limiter = cgroup && cgroups.length > 0 ? (`cgroup-v${cgroup.version}` as const) : 'rlimits';
  const driver = new Bubblewrap(options, limiter, cgroups);
  await driver.probe();
  if (driver.missing !== undefined) log.error({ missing: driver.missing }, 'no sandbox');
  return driver;
}

/** Has the kernel count runs apart, where whoever gave us the group left that to us. */
function delegate(folders: readonly string[], log: Logger): void {
  try {
    for (const folder of folders) {
      writeFileSync(join(folder, 'cgroup.subtree_control'), '+cpu +memory +pids');
    }
  } catch (err) {
    log.warn({ err, folders }, 'control groups have no controllers');
  }
}

/** The folders, if a group can be made in them and counts all; else none. */
function canLimit(folders: readonly string[], log: Logger): readonly string[] {
  try {
    for (const folder of folders) removeLeftovers(folder);
    const group = new ControlGroup(folders, 'try');
    const { complete } = group;
    group.released();
    if (complete) return folders;
    if (folders.length > 0) log.warn({ folders }, 'control groups lack a controller');
  } catch (err) {
    log.warn({ err, folders }, 'control groups cannot be made');
  }
  return [];
}

/** Of runs whose supervisor was killed. */
function removeLeftovers(folder: string): void {
  const left = readdirSync(folder).filter((name) => name.startsWith('run-') || name === 'try');
  for (const name of left) rmdirSync(join(folder, name));
}
