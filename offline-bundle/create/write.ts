import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { END_BYTES, headerOf, paddingOf } from '../archive/header.ts';
import type { Input } from '../archive/input.ts';
import { BundleError } from '../error.ts';
import {
  type Manifest,
  MANIFEST,
  memberOf,
  SIGNATURE,
  writeManifest,
} from '../manifest/manifest.ts';
import { signManifest } from '../signature/sign.ts';
import { verifyBundle } from '../verify/verify.ts';

/** What a manifest says beside its blobs. */
export type Head = Pick<Manifest, 'version' | 'suite' | 'created'>;

/**
 * Writes a bundle of these inputs, signed. The file has its name only once it is whole. One that is
 * there already, with the same manifest and a signature of the same key that hold, stays as it is.
 *
 * @throws BundleError BUNDLE_INPUT_CHANGED when an input is no longer what its digest says.
 */
export async function writeBundle(
  file: string,
  head: Head,
  inputs: readonly Input[],
  key: KeyObject,
): Promise<Manifest> {
  const ordered = inputs.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const blobs = ordered.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
  const manifest: Manifest = { schema: 'physiclaw/bundle/v1', ...head, blobs };
  const bytes = writeManifest(manifest);
  if (await holds(file, bytes, createPublicKey(key))) return manifest;
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.draft`;
  try {
    await writeDraft(draft, bytes, await signManifest(bytes, key), ordered);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  return manifest;
}

/** Every signature is another one: without this no bundle would ever be the one of before. */
async function holds(file: string, manifest: Buffer, key: KeyObject): Promise<boolean> {
  if (!existsSync(file)) return false;
  try {
    return writeManifest((await verifyBundle(file, key)).manifest).equals(manifest);
  } catch (error) {
    // Damaged, or signed by another key: it is written again.
    if (error instanceof BundleError) return false;
    throw error;
  }
}

async function writeDraft(
  draft: string,
  manifest: Buffer,
  signature: Buffer,
  inputs: readonly Input[],
): Promise<void> {
  await using target = await open(draft, 'w');
  await writeMember(target, MANIFEST, manifest);
  await writeMember(target, SIGNATURE, signature);
  for (const input of inputs) await writeInput(target, input);
  await target.writeFile(Buffer.alloc(END_BYTES));
  await target.datasync();
}

async function writeMember(target: FileHandle, name: string, bytes: Buffer): Promise<void> {
  await target.writeFile(headerOf({ name, size: bytes.length }));
  await target.writeFile(bytes);
  await target.writeFile(Buffer.alloc(paddingOf(bytes.length)));
}

async function writeInput(target: FileHandle, input: Input): Promise<void> {
  await target.writeFile(headerOf({ name: memberOf(input), size: input.size }));
  const hash = createHash('sha256');
  for await (const chunk of input.read()) {
    hash.update(chunk);
    await target.writeFile(chunk);
  }
  const found = hash.digest('hex');
  if (found !== input.sha256) {
    const message = `${input.path}: expected SHA-256 ${input.sha256}, found ${found}: it changed meanwhile; run this again`;
    throw new BundleError('BUNDLE_INPUT_CHANGED', message);
  }
  await target.writeFile(Buffer.alloc(paddingOf(input.size)));
}
