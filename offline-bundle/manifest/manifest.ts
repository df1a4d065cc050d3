import { canonicalize, parseCanonical } from '@physiclaw/proof';
import { z } from 'zod';
import { BundleError } from '../error.ts';

/** Names of the members that come before the blobs. */
export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.sigstore.json';
export const MANIFEST_LIMIT = 16 << 20;
export const SIGNATURE_LIMIT = 64 << 10;

// No segment begins with a dot, so none of them is `.` or `..`; no leading slash, no control character.
const SEGMENT = String.raw`[A-Za-z0-9_][A-Za-z0-9_.+~@%=,-]{0,199}`;
const PATH = new RegExp(`^(bundle\\.lock|(debian|oci|policies|skills)(/${SEGMENT}){1,12})$`);

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One file of the unpacked bundle. */
export const Blob = z.strictObject({
  path: z.string().max(1024).regex(PATH),
  size: z.int().nonnegative(),
  sha256: Sha256,
});
export type Blob = z.infer<typeof Blob>;

/** All that a bundle holds, in the order in which it lies there. */
export const Manifest = z.strictObject({
  schema: z.literal('physiclaw/bundle/v1'),
  version: z.string().regex(/^[0-9A-Za-z.+-]{1,64}$/),
  suite: z.string().regex(/^[a-z]{1,32}$/),
  /** Seconds since 1970: the date of the source, not of the making. */
  created: z.int().nonnegative(),
  blobs: z.array(Blob).nonempty().superRefine(areOrdered),
});
export type Manifest = z.infer<typeof Manifest>;

export function writeManifest(manifest: Manifest): Buffer {
  return Buffer.from(canonicalize(Manifest.parse(manifest)));
}

/**
 * Reads a manifest whose signature was checked.
 *
 * Its paths stay below the folder that they are unpacked into, and none is the folder of another.
 *
 * @throws BundleError BUNDLE_MANIFEST_INVALID for any other bytes than `writeManifest` gives.
 */
export function readManifest(bytes: Uint8Array): Manifest {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return Manifest.parse(parseCanonical(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new BundleError('BUNDLE_MANIFEST_INVALID', `${MANIFEST}: ${why}`, {
      cause,
      place: { blob: MANIFEST, offset: 0 },
    });
  }
}

/** The name of a blob in the archive, as an OCI layout names it. */
export function memberOf({ sha256 }: Blob): string {
  return `blobs/sha256/${sha256}`;
}

function areOrdered(blobs: readonly Blob[], context: z.RefinementCtx): void {
  const folders = new Set(blobs.flatMap(({ path }) => foldersOf(path)));
  for (const [at, { path }] of blobs.entries()) {
    const before = blobs[at - 1]?.path ?? '';
    if (path <= before) context.addIssue(`expected ${path} after ${before}, each path once`);
    if (folders.has(path)) context.addIssue(`expected a file or a folder at ${path}, found both`);
  }
}

function foldersOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, at) => segments.slice(0, at + 1).join('/'));
}
