import { readFileSync } from 'node:fs';
import { at } from './places.ts';

/** The time that everything in the image bears: that of the bundle's package repository, in seconds. */
export function epoch(): number {
  const release = readFileSync(at('bundle/debian/dists/trixie/InRelease'), 'utf8');
  const [, date = ''] = /^Date: (.+)$/m.exec(release) ?? [];
  const seconds = Date.parse(date) / 1000;
  if (Number.isNaN(seconds)) throw new Error(`the package repository bears no date: "${date}"`);
  return seconds;
}
