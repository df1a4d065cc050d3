import { createHash, type KeyObject } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BLOCK, claimOf, END_BYTES, headerOf, paddingOf } from '../archive/header.ts';
import { BundleError, type FaultPlace } from '../error.ts';
import {
  type Blob,
  type Manifest,
  MANIFEST,
  memberOf,
  readManifest,
  SIGNATURE,
} from '../manifest/manifest.ts';
import { checkSignature } from '../signature/verify.ts';
import { Folder } from './folder.ts';
import { compare, expectBytes, readOpening } from './opening.ts';
import { Source } from './source.ts';

export interface Verified {
  readonly manifest: Manifest;
  readonly bytes: number;
}

/**
 * Reads a bundle from its first byte to its last, once: resolves when this key signed its manifest
 * and not a byte of the file is other than that manifest says.
 *
 * The signature is checked before anything that it covers is looked at. With a folder, the blobs
 * are written beside it as they are read; it comes into being at the end, or not at all.
 *
 * @throws BundleError with the blob and the offset of the first fault.
 */
export async function verifyBundle(file: string, key: KeyObject, into?: string): Promise<Verified> {
  await using source = await Source.open(file);
  const { manifest: bytes, signature } = await readOpening(source);
  checkSignature(bytes, signature, key);
  const manifest = readManifest(bytes);
  await using folder = into === undefined ? undefined : new Folder(into);
  for (const [at, blob] of manifest.blobs.entries()) {
    await expectHeader(source, manifest.blobs, at);
    await readBlob(source, blob, folder);
  }
  await expectEnd(source);
  await write(folder, MANIFEST, bytes);
  await write(folder, SIGNATURE, signature);
  await folder?.finish();
  return { manifest, bytes: source.offset };
}

async function expectHeader(source: Source, blobs: readonly Blob[], at: number): Promise<void> {
  const blob = blobs[at];
  if (!blob) return;
  const { offset } = source;
  const block = await source.bytes(BLOCK, blob.path);
  const expected = headerOf({ name: memberOf(blob), size: blob.size });
  if (block.equals(expected)) return;
  const place = { blob: blob.path, offset };
  if (isZero(block) || isLater(blobs, at, block)) {
    throw fault('BUNDLE_BLOB_MISSING', place, `expected ${memberOf(blob)}, found ${whatIs(block)}`);
  }
  if (isWritten(block)) {
    throw fault('BUNDLE_MEMBER_EXTRA', place, `expected ${memberOf(blob)}, found ${whatIs(block)}`);
  }
  compare(block, expected, place);
}

async function readBlob(source: Source, blob: Blob, folder: Folder | undefined): Promise<void> {
  const { offset } = source;
  const hash = createHash('sha256');
  await using file = await folder?.file(blob.path);
  for await (const piece of source.take(blob.size, blob.path)) {
    hash.update(piece);
    if (file) await writeAll(file, piece);
  }
  const found = hash.digest('hex');
  if (found !== blob.sha256) {
    const place = { blob: blob.path, offset };
    throw fault('BUNDLE_BLOB_CHANGED', place, `expected SHA-256 ${blob.sha256}, found ${found}`);
  }
  await file?.datasync();
  await expectBytes(source, Buffer.alloc(paddingOf(blob.size)), blob.path);
}

async function expectEnd(source: Source): Promise<void> {
  const place = { blob: 'the end', offset: source.offset };
  const end = await source.bytes(END_BYTES, place.blob);
  if (isWritten(end.subarray(0, BLOCK))) {
    throw fault('BUNDLE_MEMBER_EXTRA', place, `expected no more members, found ${whatIs(end)}`);
  }
  if (!isZero(end)) throw fault('BUNDLE_TAIL_INVALID', place, 'expected zeros');
  if (!(await source.isAtEnd())) {
    const after = { ...place, offset: source.offset };
    throw fault('BUNDLE_TAIL_INVALID', after, 'expected the end of the file, found more bytes');
  }
}

async function write(folder: Folder | undefined, path: string, bytes: Buffer): Promise<void> {
  await using file = await folder?.file(path);
  if (file) await writeAll(file, bytes);
}

/** `write` may take a part of the bytes only. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at)).bytesWritten;
  }
}

/** Whether a block is a header that we would write: then it is a member, and not a damaged one. */
function isWritten(block: Buffer): boolean {
  const { name, size } = claimOf(block);
  if (!/^[ -~]{1,100}$/.test(name) || size < 0) return false;
  return block.equals(headerOf({ name, size }));
}

function isLater(blobs: readonly Blob[], at: number, block: Buffer): boolean {
  return blobs.slice(at + 1).some((blob) => {
    return block.equals(headerOf({ name: memberOf(blob), size: blob.size }));
  });
}

function whatIs(block: Buffer): string {
  return isZero(block) ? 'the end of the archive' : claimOf(block).name;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function fault(
  code:
    | 'BUNDLE_BLOB_MISSING'
    | 'BUNDLE_BLOB_CHANGED'
    | 'BUNDLE_MEMBER_EXTRA'
    | 'BUNDLE_TAIL_INVALID',
  place: FaultPlace,
  message: string,
): BundleError {
  return new BundleError(code, `${place.blob} at byte ${place.offset}: ${message}`, { place });
}
