import { BLOCK, claimOf, headerOf, paddingOf } from '../archive/header.ts';
import { BundleError } from '../error.ts';
import { MANIFEST, MANIFEST_LIMIT, SIGNATURE, SIGNATURE_LIMIT } from '../manifest/manifest.ts';
import type { Source } from './source.ts';

/** What a bundle begins with, as bytes: nothing of it is trusted yet. */
export interface Opening {
  readonly manifest: Buffer;
  readonly signature: Buffer;
}

export async function readOpening(source: Source): Promise<Opening> {
  const manifest = await readMember(source, MANIFEST, MANIFEST_LIMIT);
  return { manifest, signature: await readMember(source, SIGNATURE, SIGNATURE_LIMIT) };
}

/** @throws BundleError BUNDLE_HEADER_INVALID with the first byte that is not as it would be written. */
export async function expectBytes(source: Source, expected: Buffer, blob: string): Promise<void> {
  const { offset } = source;
  compare(await source.bytes(expected.length, blob), expected, { blob, offset });
}

/** @throws BundleError BUNDLE_HEADER_INVALID when two pieces differ, at the first byte that does. */
export function compare(
  found: Buffer,
  expected: Buffer,
  { blob, offset }: { blob: string; offset: number },
): void {
  if (found.equals(expected)) return;
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  const place = { blob, offset: offset + at };
  const [want, got] = [expected, found].map((bytes) => hex(bytes[at] ?? 0));
  throw new BundleError(
    'BUNDLE_HEADER_INVALID',
    `${blob}: expected ${want} at byte ${place.offset}, found ${got}`,
    { place },
  );
}

async function readMember(source: Source, name: string, limit: number): Promise<Buffer> {
  const { offset } = source;
  const block = await source.bytes(BLOCK, name);
  const { size } = claimOf(block);
  const isSized = size > 0 && size <= limit;
  compare(block, headerOf({ name, size: isSized ? size : limit }), { blob: name, offset });
  const bytes = await source.bytes(size, name);
  await expectBytes(source, Buffer.alloc(paddingOf(size)), name);
  return bytes;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
