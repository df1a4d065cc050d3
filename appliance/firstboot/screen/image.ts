import { readFileSync } from 'node:fs';

/** Which image runs: the version that it says, and the hash of the root that the kernel checks. */
export function readImage(): string {
  const release = readFileSync('/usr/lib/os-release', 'utf8');
  const version = /^IMAGE_VERSION="?([^"\n]*)/m.exec(release)?.[1] ?? 'unknown';
  const hash = /(?:^| )roothash=([0-9a-f]{64})(?: |$)/m.exec(readFileSync('/proc/cmdline', 'utf8'));
  return `${version} ${hash?.[1] ?? 'unverified'}`;
}
