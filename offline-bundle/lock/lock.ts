import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BundleError } from '../error.ts';
import { Sha256 } from '../manifest/manifest.ts';
import { digestOfList, type Wanted } from './wanted.ts';

/** One package of Debian, to the byte. */
export const LockedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.enum(['all', 'amd64']),
  archive: z.enum(['debian', 'security']),
  /** Below the archive's address; no host is named. */
  path: z.string().regex(/^pool\/[A-Za-z0-9_.+~%/-]+\.deb$/),
  size: z.int().positive(),
  sha256: Sha256,
});
export type LockedPackage = z.infer<typeof LockedPackage>;

/** One npm package whose own files lie in the build, native parts and Node among them. */
export const LockedPart = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** Of the list of its files and their digests. */
  sha256: Sha256,
});
export type LockedPart = z.infer<typeof LockedPart>;

/** Exactly what a bundle holds of all that this repository does not make itself. */
export const Lock = z.strictObject({
  schema: z.literal('physiclaw/bundle-lock/v1'),
  suite: z.string(),
  /** Digest of the list that was wanted: a longer list needs a new lock. */
  wanted: Sha256,
  packages: z.array(LockedPackage).nonempty(),
  parts: z.array(LockedPart).nonempty(),
});
export type Lock = z.infer<typeof Lock>;

/** @throws BundleError BUNDLE_LOCK_INVALID when the file cannot be read or breaks the schema. */
export function readLock(file: string): Lock {
  try {
    return Lock.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new BundleError('BUNDLE_LOCK_INVALID', `${file}: ${why}`, { cause });
  }
}

/** A line for each package, so that a new lock shows what moved. */
export function lockText({ packages, parts, ...head }: Lock): string {
  const heads = Object.entries(head).map(
    ([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`,
  );
  return `{\n${heads.join('')}  "packages": ${listText(packages)},\n  "parts": ${listText(parts)}\n}\n`;
}

function listText(list: readonly unknown[]): string {
  return `[\n${list.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`;
}

export function writeLock(file: string, lock: Lock): void {
  writeFileSync(file, lockText(lock));
}

/** @throws BundleError BUNDLE_LOCK_STALE when the lock answers another list. */
export function expectLockFor({ suite, packages }: Wanted, lock: Lock): void {
  if (lock.wanted === digestOfList(suite, packages)) return;
  throw new BundleError(
    'BUNDLE_LOCK_STALE',
    'expected a lock of the packages that bundle.yaml names, found one of another list; run: physiclaw bundle lock',
  );
}

/** What a new lock changes, in words: `name old → new`. */
export function changesOf(old: Lock | undefined, lock: Lock): string[] {
  const versions = (of: Lock | undefined) =>
    new Map([...(of?.packages ?? []), ...(of?.parts ?? [])].map((one) => [one.name, one.version]));
  const [before, after] = [versions(old), versions(lock)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${before.get(name) ?? 'none'} → ${after.get(name) ?? 'none'}`);
}
