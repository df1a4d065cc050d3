import { concat } from '../encoding/bytes.ts';
import { ProofError } from '../error.ts';

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
const WIDTH = 256;

/**
 * Name of a hash tile in a log's folder: `tile/1/x001/234.p/5`.
 *
 * @throws ProofError PROOF_TILE_INVALID for a level, index or width that the format does not have.
 */
export function tilePath(level: number, index: number, width: number = WIDTH): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) refuse(`level ${level}`);
  return `tile/${level}/${numbered(index, width)}`;
}

/**
 * Name of an entry bundle in a log's folder: `tile/entries/x001/234.p/5`.
 *
 * @throws ProofError PROOF_TILE_INVALID for an index or width that the format does not have.
 */
export function entriesPath(index: number, width: number = WIDTH): string {
  return `tile/entries/${numbered(index, width)}`;
}

/**
 * An entry bundle: each entry behind its length in two bytes.
 *
 * @throws ProofError PROOF_TILE_INVALID for more than 256 entries, or one beyond 65,535 bytes.
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > WIDTH) refuse(`${entries.length} entries`);
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > 0xffff) refuse(`an entry of ${entry.length} bytes`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/**
 * The entries of a bundle. How many there should be only the caller knows.
 *
 * @throws ProofError PROOF_TILE_INVALID when an entry is cut short, or there are more than 256.
 */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const entries = [...entriesIn(bytes)];
  if (bundleLength(entries) !== bytes.length) refuse('an entry that is cut short');
  if (entries.length > WIDTH) refuse(`${entries.length} entries`);
  return entries;
}

/**
 * The entries of a bundle, as many as are whole. Entry by entry, not the bundle at once: a changed
 * length is named where it stands.
 */
export function* entriesIn(bundle: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at + 2 <= bundle.length;) {
    const length = (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0);
    const entry = bundle.subarray(at + 2, at + 2 + length);
    if (entry.length < length) return;
    yield entry;
    at += 2 + length;
  }
}

/** Bytes of the bundle of these entries. */
export function bundleLength(entries: readonly Uint8Array[]): number {
  return entries.reduce((sum, { length }) => sum + 2 + length, 0);
}

function numbered(index: number, width: number): string {
  if (!Number.isSafeInteger(index) || index < 0) refuse(`index ${index}`);
  if (!Number.isInteger(width) || width < 1 || width > WIDTH) refuse(`width ${width}`);
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === WIDTH ? path : `${path}.p/${width}`;
}

function refuse(what: string): never {
  throw new ProofError('PROOF_TILE_INVALID', `tlog-tiles does not have ${what}`);
}
