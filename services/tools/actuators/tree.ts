import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/workspace';

/**
 * The file of the workspace that a path names, links followed.
 *
 * @throws Error when they lead out of it.
 */
export function existing(path: string): string {
  const file = join(ROOT, path);
  // A link that leads nowhere is there; what it names is not.
  if (!lstatSync(file, { throwIfNoEntry: false })) {
    throw new Error(`the workspace has no ${path}: list_dir names what it has`);
  }
  const found = realpathSync(file);
  if (found !== ROOT && !found.startsWith(`${ROOT}/`)) throw leaves(path);
  return found;
}

/**
 * Where a file of the workspace is to be written. No part of the path may be a link: it could lead
 * anywhere by the time that somebody follows it.
 */
export function writable(path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part))) throw leaves(path);
  for (const length of parts.keys()) {
    const above = join(ROOT, ...parts.slice(0, length + 1));
    if (lstatSync(above, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new Error(`${path} goes through a link: name the file itself`);
    }
  }
  return join(ROOT, path);
}

/** The path as the workspace knows it. */
export function pathIn(file: string): string {
  return file.slice(ROOT.length + 1);
}

function leaves(path: string): Error {
  return new Error(`${path} leaves the workspace: name what lies in it`);
}
