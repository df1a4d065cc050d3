import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@physiclaw/platform';
import { ControlGroup } from '../supervisor/control-group.ts';
import { Bubblewrap } from './bubblewrap.ts';
import type { Driver } from './driver.ts';

type Cgroup =
  | { readonly version: 1; readonly [controller: string]: string | 1 }
  | { readonly version: 2; readonly path: string };

export interface DriverOptions {
  /** Folder of the driver's own. */
  readonly scratch: string;
  /** Host path of the Node binary that runs supervisors and actuators. */
  readonly node: string;
  /** Host path of the supervisor's built file. */
  readonly supervisor: string;
  readonly killFile: string;
  /** Host paths that no sandbox sees, beside home and key folders. */
  readonly masked: readonly string[];
  /** Folders below which a control group may be made for each run: one, or one in each hierarchy. */
  readonly cgroup?: Cgroup | undefined;
  readonly log: Logger;
}

/** The sandbox driver of this machine. It opens also where no sandbox can be made: ask `missing`. */
export async function openDriver(options: DriverOptions): Promise<Driver & AsyncDisposable> {
  const { cgroup, log, ...places } = options;
  mkdirSync(places.scratch, { recursive: true, mode: 0o700 });
  const cgroups = cgroup === undefined ? [] : foldersOf(cgroup);
  const usable = cgroups.length > 0 && canLimit(cgroups, log);
  const driver = new Bubblewrap({
    ...places,
    cgroups: usable ? cgroups : [],
    limiter: cgroup !== undefined && usable ? `cgroup-v${cgroup.version}` : 'rlimits',
  });
  await driver.probe();
  if (driver.missing !== undefined) log.error({ missing: driver.missing }, 'no sandbox');
  return driver;
}

/** Two controllers may share one hierarchy. */
function foldersOf(cgroup: Cgroup): string[] {
  return [...new Set(Object.values(cgroup).filter((value) => typeof value === 'string'))];
}

/** Tries one, and removes what runs left whose supervisor was killed. */
function canLimit(folders: readonly string[], log: Logger): boolean {
  try {
    for (const folder of folders) removeLeftovers(folder);
    const group = new ControlGroup(folders, `try-${process.pid}`);
    const { complete } = group;
    group.close();
    if (!complete) log.warn({ folders }, 'control groups lack a controller');
    return complete;
  } catch (err) {
    log.warn({ err, folders }, 'control groups cannot be made');
    return false;
  }
}

function removeLeftovers(folder: string): void {
  const left = readdirSync(folder).filter((name) => /^(run|try)-/.test(name));
  for (const name of left) rmdirSync(join(folder, name));
}
