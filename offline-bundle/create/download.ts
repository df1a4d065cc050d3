import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inputOfFile } from '../archive/input.ts';
import { BundleError } from '../error.ts';
import type { LockedPackage } from '../lock/lock.ts';
import { addressOf, mirrorOf } from '../program/apt.ts';
import { download } from '../program/apt-helper.ts';

/** A locked package and the file that is it, checked. */
export interface Fetched {
  readonly locked: LockedPackage;
  readonly file: string;
}

/**
 * The locked packages as files, from the cache or else from the mirror. What lies in the cache is
 * not trusted for its name: each file's digest is taken again.
 *
 * @throws BundleError BUNDLE_PACKAGE_GONE or BUNDLE_INPUT_CHANGED.
 */
export async function fetchPackages(
  packages: readonly LockedPackage[],
  cache: string,
): Promise<{ fetched: Fetched[]; downloads: number }> {
  const folder = join(cache, 'packages');
  mkdirSync(folder, { recursive: true });
  const fetched = packages.map((locked) => ({ locked, file: join(folder, locked.sha256) }));
  const missing = fetched.filter(({ file }) => !existsSync(file));
  await fetchAll(missing);
  for (const { locked, file } of fetched) {
    const { sha256 } = await inputOfFile(locked.path, file);
    if (sha256 === locked.sha256) continue;
    rmSync(file);
    const message = `${locked.name} in the cache: expected SHA-256 ${locked.sha256}, found ${sha256}; it is removed, run this again`;
    throw new BundleError('BUNDLE_INPUT_CHANGED', message);
  }
  return { fetched, downloads: missing.length };
}

async function fetchAll(missing: readonly Fetched[]): Promise<void> {
  if (missing.length === 0) return;
  const mirror = await mirrorOf();
  const drafts = missing.map(({ locked, file }) => ({
    address: addressOf(mirror[locked.archive] ?? mirror.debian, locked.path),
    file: `${file}.draft`,
    sha256: locked.sha256,
  }));
  for (const { file } of drafts) rmSync(file, { force: true });
  await download(drafts);
  for (const { file } of missing) renameSync(`${file}.draft`, file);
}
