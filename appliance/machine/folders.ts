import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from './config.ts';
import type { Mount } from './settings.ts';

type Tools = Config['tools'];

/** What is wrong with one value of the section `tools`, by its path in there. */
export interface FolderFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the built-in actuators look at: each stays unless the configuration names it anew. */
const BUILT_IN: readonly Mount[] = [
  { name: 'system', path: '/', access: 'read' },
  { name: 'logs', path: '/var/log', access: 'read' },
  { name: 'processes', path: '/proc', access: 'read' },
];

/** Every folder of the machine that calls may name, the built-in ones first. */
export function mountsOf({ mounts }: Pick<Tools, 'mounts'>): Mount[] {
  return [...builtIn({ mounts }), ...mounts];
}

/**
 * What of the folders cannot be as the file says, on a machine that masks these places. The sandbox
 * covers what is masked inside a mount: a mount that itself lies in a masked place it would show.
 */
export function faultsOfFolders(tools: Tools, masked: readonly string[]): FolderFault[] {
  return [...faultsOfMounts(tools, masked), ...faultsOfMasks(tools), ...faultsOfNames(tools)];
}

function faultsOfMounts({ mounts, masked: named }: Tools, masked: readonly string[]) {
  return mounts.flatMap(({ path }, index): FolderFault[] => {
    const place = masked.find((one) => isWithin(path, one));
    const at = named.findIndex((one) => isWithin(path, one));
    if (place === undefined && at < 0) return [];
    const found = `one in ${place ?? `the place of tools.masked[${at}]`}`;
    const message = `expected a folder that a sandbox may see, found ${found}, which none sees; take another, or copy what is needed out of it`;
    return [{ path: ['mounts', index, 'path'], message }];
  });
}

/** A mount whose place is masked whole is shown empty; one further in would be shown as it is. */
function faultsOfMasks({ mounts, masked }: Tools): FolderFault[] {
  return masked.flatMap((place, index) =>
    builtIn({ mounts })
      .filter(({ path }) => isWithin(path, place) && !isWithin(place, path))
      .map(({ name, path }) => ({
        path: ['masked', index],
        message: `expected a place that hides no built-in mount, found one around ${name} (${path}); name ${name} anew in tools.mounts, or mask less`,
      })),
  );
}

function faultsOfNames({ mounts, exports }: Tools): FolderFault[] {
  const names = new Set(mountsOf({ mounts }).map(({ name }) => name));
  return exports.flatMap(({ name }, index) => {
    if (!names.has(name)) return [];
    const message = 'expected a name that no mount has (system, logs and processes are mounts too)';
    return [{ path: ['exports', index, 'name'], message }];
  });
}

function builtIn({ mounts }: Pick<Tools, 'mounts'>): Mount[] {
  const named = new Set(mounts.map(({ name }) => name));
  return BUILT_IN.filter(({ name }) => !named.has(name));
}

function isWithin(path: string, place: string): boolean {
  const [inner, outer] = [real(path), real(place)];
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`);
}

/** What is not there yet, or is nobody's to see, has the name that it was given. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
