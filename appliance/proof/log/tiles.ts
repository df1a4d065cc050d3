import { concat } from '../encoding/bytes.ts';
import { demand } from '../error.ts';

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** Where a tile lies in the tree. */
export interface Place {
  readonly level: number;
  readonly index: number;
  /** Hashes or entries in it; fewer than 256 at the right edge of the tree only. */
  readonly width: number;
}

/** One file of hashes, or of entries: those belong to the tile of level 0 with the same index. */
export interface LogFile extends Place {
  readonly path: string;
  readonly content: 'hashes' | 'entries';
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Every file that a log of this size consists of beside its checkpoint (C2SP tlog-tiles). */
export function* logFiles(size: number): Generator<LogFile, void, undefined> {
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      const width = Math.min(TILE_WIDTH, count - index * TILE_WIDTH);
      const file = { level, index, width };
      yield { ...file, content: 'hashes', path: tilePath(level, index, width) };
      if (level === 0) yield { ...file, content: 'entries', path: entriesPath(index, width) };
    }
  }
}

/** What a path of a log's folder names; nothing for a path that tlog-tiles does not have. */
export function fileAt(path: string): LogFile | undefined {
  const [, kind = '', digits = '', part] = PATH.exec(path) ?? [];
  if (kind === '') return undefined;
  const level = kind === 'entries' ? 0 : Number(kind);
  const index = Number(digits.replaceAll(/\D/g, ''));
  const width = Number(part ?? TILE_WIDTH);
  if (level > 63 || width > TILE_WIDTH) return undefined;
  const content = kind === 'entries' ? 'entries' : 'hashes';
  const named = content === 'entries' ? entriesPath(index, width) : tilePath(level, index, width);
  return named === path ? { path, content, level, index, width } : undefined;
}

/** The size that a log has at least when it has this file. */
export function sizeFor({ level, index, width }: Place): number {
  return (index * TILE_WIDTH + width) * TILE_WIDTH ** level;
}

/** The first entry under a file. */
export function firstEntryOf({ level, index }: Omit<Place, 'width'>): number {
  return index * TILE_WIDTH ** (level + 1);
}

/**
 * Name of a hash tile in a log's folder: `tile/1/x001/234.p/5`.
 *
 * @throws ProofError PROOF_TILE_INVALID for a level, index or width that the format does not have.
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  demandFormat(Number.isInteger(level) && level >= 0 && level <= 63, `level ${level}`);
  return `tile/${level}/${numbered(index, width)}`;
}

/**
 * Name of an entry bundle in a log's folder: `tile/entries/x001/234.p/5`.
 *
 * @throws ProofError PROOF_TILE_INVALID for an index or width that the format does not have.
 */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${numbered(index, width)}`;
}

/**
 * An entry bundle: each entry behind its length in two bytes.
 *
 * @throws ProofError PROOF_TILE_INVALID for more than 256 entries, or one beyond 65,535 bytes.
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  demandFormat(entries.length <= TILE_WIDTH, `${entries.length} entries`);
  const parts = entries.flatMap((entry) => {
    demandFormat(entry.length <= 0xffff, `an entry of ${entry.length} bytes`);
    return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
  });
  return concat(parts);
}

/**
 * The entries of a bundle. How many there should be only the caller knows.
 *
 * @throws ProofError PROOF_TILE_INVALID when an entry is cut short, or there are more than 256.
 */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const { entries, rest } = entriesIn(bytes);
  demandFormat(rest === 0, 'an entry that is cut short');
  demandFormat(entries.length <= TILE_WIDTH, `${entries.length} entries`);
  return entries;
}

/**
 * The entries of a bundle, as many as are whole, so that a changed length is named where it stands;
 * and how many bytes are left behind the last of them.
 */
export function entriesIn(bundle: Uint8Array): { entries: Uint8Array[]; rest: number } {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bundle.length) {
    const end = at + 2 + (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0);
    if (end > bundle.length) break;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return { entries, rest: bundle.length - at };
}

function numbered(index: number, width: number): string {
  demandFormat(Number.isSafeInteger(index) && index >= 0, `index ${index}`);
  demandFormat(Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH, `width ${width}`);
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function demandFormat(holds: boolean, what: string): void {
  demand(holds, 'PROOF_TILE_INVALID', `tlog-tiles does not have ${what}`);
}
