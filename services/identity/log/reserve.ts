import { randomBytes } from 'node:crypto';
import { statSync, truncateSync, writeFileSync } from 'node:fs';

const BYTES = 262_144;

/**
 * Takes room on the disk for a thousand records or so, to be given up when there is no other.
 *
 * @throws Error of the system when it is not to be had.
 */
export function fillReserve(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.size === BYTES) return;
  // A file system may store zeros in no room at all.
  writeFileSync(path, randomBytes(BYTES), { mode: 0o600, flush: true });
}

export function releaseReserve(path: string): void {
  truncateSync(path);
}
