import { tilePath } from '../merkle/tile.ts';
import { LogFault } from './fault.ts';
import { firstEntryOf, type LogFile, TILE_WIDTH } from './files.ts';
import { HASH_BYTES, Tile } from './tree.ts';

/** A log's folder, wherever it lies. Nothing that it says is believed. */
export interface LogSource {
  /** Path of every file in it, relative, whatever the file is. */
  list(): Iterable<string> | AsyncIterable<string>;
  /** The bytes of a file, or nothing where there is none. */
  read(path: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** Place of a hash tile; its name follows from it. */
export type TilePlace = Pick<LogFile, 'level' | 'index' | 'width'>;

/** Reads a log's files, or says which one is wrong. */
export class LogReader {
  readonly #source: LogSource;

  constructor(source: LogSource) {
    this.#source = source;
  }

  /** @throws LogFault PROOF_LOG_MISSING; `index` is the first entry that the file is for. */
  async read(path: string, index?: number): Promise<Uint8Array> {
    const bytes = await this.#source.read(path);
    if (bytes === undefined) throw missing(path, index);
    return bytes;
  }

  /** @throws LogFault PROOF_LOG_CHANGED for a tile that is longer or shorter than its place. */
  async tile(place: TilePlace): Promise<Tile> {
    const path = tilePath(place.level, place.index, place.width);
    const bytes = await this.read(path, firstEntryOf(place));
    if (bytes.length !== place.width * HASH_BYTES) {
      const reason = `expected ${place.width * HASH_BYTES} bytes, got ${bytes.length}`;
      throw new LogFault('PROOF_LOG_CHANGED', { file: path, index: firstEntryOf(place) }, reason);
    }
    return Tile.fromBytes(bytes);
  }

  /** The last tile of each level, where it is not full. */
  async edge(size: number): Promise<Tile[]> {
    const tiles: Tile[] = [];
    for (let count = size; count > 0; count = Math.floor(count / TILE_WIDTH)) {
      const width = count % TILE_WIDTH;
      const index = Math.floor(count / TILE_WIDTH);
      tiles.push(width === 0 ? new Tile() : await this.tile({ level: tiles.length, index, width }));
    }
    return tiles;
  }
}

export function missing(path: string, index?: number): LogFault {
  return new LogFault('PROOF_LOG_MISSING', { file: path, index }, 'is not there');
}
