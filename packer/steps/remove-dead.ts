import {
  closeSync,
  globSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const UNITS = '{etc,usr/lib}/systemd/system';
const SEARCHED = ['/usr/sbin', '/usr/bin'];

/** Removes every script whose interpreter is not in the tree any more. */
export function removeScripts(root: string): void {
  for (const path of globSync('{etc,usr}/**', { cwd: root })) {
    const file = join(root, path);
    const stat = lstatSync(file);
    if (!stat.isFile() || (stat.mode & 0o111) === 0) continue;
    const interpreter = interpreterOf(file);
    if (interpreter !== undefined && !isThere(root, interpreter)) rmSync(file);
  }
}

/**
 * Removes every service that would start a program that is not there, and the links that name a unit
 * which is gone, so that nothing waits for it.
 */
export function removeUnits(root: string): void {
  for (const path of globSync(`${UNITS}/*.service`, { cwd: root })) {
    const file = join(root, path);
    if (!lstatSync(file).isFile()) continue;
    if (programsOf(readFileSync(file, 'utf8')).some((name) => !isThere(root, name))) rmSync(file);
  }
  for (const path of globSync(`${UNITS}/**`, { cwd: root })) {
    const link = join(root, path);
    if (lstatSync(link).isSymbolicLink() && !isThere(root, `/${path}`)) rmSync(link);
  }
}

/** The programs that a unit names, by path or by bare name. */
export function programsOf(unit: string): string[] {
  return [...unit.matchAll(/^Exec\w+=[-@:+!|]*([^\s;]+)/gm)].map(([, program = '']) => program);
}

/** Whether a path or a program leads to a file of the tree, links followed inside it. */
export function isThere(root: string, path: string): boolean {
  if (!path.startsWith('/')) return SEARCHED.some((folder) => isThere(root, join(folder, path)));
  return follow(root, path, 40);
}

function follow(root: string, path: string, links: number): boolean {
  if (path === '/dev/null') return true;
  let at = '/';
  const parts = path.split('/').filter((part) => part !== '');
  for (const [index, part] of parts.entries()) {
    const next = join(at, part);
    const stat = lstatSync(join(root, next), { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (stat.isSymbolicLink()) {
      const target = resolve(dirname(next), readlinkSync(join(root, next)));
      return links > 0 && follow(root, join(target, ...parts.slice(index + 1)), links - 1);
    }
    at = next;
  }
  return true;
}

function interpreterOf(file: string): string | undefined {
  const start = Buffer.alloc(256);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  return /^#! ?(\S+)/.exec(start.toString('latin1'))?.[1];
}
