import { entriesPath, tilePath } from '../merkle/tile.ts';

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;

/** One file of hashes, or of entries: those belong to the tile of level 0 with the same index. */
export interface LogFile {
  readonly path: string;
  readonly content: 'hashes' | 'entries';
  readonly level: number;
  readonly index: number;
  /** Hashes or entries in it; fewer than 256 at the right edge of the tree only. */
  readonly width: number;
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
export function sizeFor({ level, index, width }: LogFile): number {
  return (index * TILE_WIDTH + width) * TILE_WIDTH ** level;
}

/** The first entry under a file. */
export function firstEntryOf({ level, index }: Pick<LogFile, 'level' | 'index'>): number {
  return index * TILE_WIDTH ** (level + 1);
}
