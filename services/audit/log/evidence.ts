import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt } from '@physiclaw/contracts';
import {
  consistencyNodes,
  decodeBundle,
  encodeBase64,
  encodeBundle,
  entriesPath,
  fileAt,
  type HashReader,
  inclusionNodes,
  logFiles,
  placeInTile,
  sizeFor,
  Tile,
  TILE_WIDTH,
  tilePath,
} from '@physiclaw/proof';
import { AuditError } from '../errors.ts';
import type { LogState } from './growth.ts';

/**
 * What a log at one moment shows of itself. What is full it reads back from the disk and does not
 * check again: who changed it there gets proofs that lead to no signed root, and whoever asked
 * sees that.
 */
export class Evidence {
  readonly #folder: string;
  readonly #state: LogState;

  constructor(folder: string, state: LogState) {
    this.#folder = folder;
    this.#state = state;
  }

  get size(): number {
    return this.#state.tree.size;
  }

  get checkpoint(): string {
    return this.#state.checkpoint;
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when there is no such entry yet. */
  receipt(index: number, entry = this.entries(index, 1)[0]): Receipt {
    if (entry === undefined) throw this.#beyond(index);
    const proof = inclusionNodes(index, this.size, this.#nodes()).map(encodeBase64);
    return { index, entry, proof, checkpoint: this.checkpoint };
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG unless `from` ≤ `to` ≤ the log's size. */
  consistency(from: number, to: number): string[] {
    if (from > to || to > this.size) throw this.#beyond(Math.max(from, to));
    // Every log continues the empty one: there is nothing to show.
    return from === 0 ? [] : consistencyNodes(from, to, this.#nodes()).map(encodeBase64);
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when `from` is not even the next entry's index. */
  entries(from: number, count: number): string[] {
    if (from > this.size) throw this.#beyond(from);
    const end = Math.min(this.size, from + count);
    const found: string[] = [];
    while (from + found.length < end) {
      const at = (from + found.length) % TILE_WIDTH;
      const first = from + found.length - at;
      const bundle = this.#bundle(first / TILE_WIDTH).slice(at, end - first);
      if (bundle.length === 0) throw broken(entriesPath(first / TILE_WIDTH));
      found.push(...bundle.map((bytes) => new TextDecoder().decode(bytes)));
    }
    return found;
  }

  /** The names of the files that a log of this size consists of. */
  files(): string[] {
    return ['checkpoint', ...Array.from(logFiles(this.size), ({ path }) => path)];
  }

  /**
   * One file of the log as it lies on the disk, also one that the log had when it was smaller:
   * whoever copies it while it grows gets every file that was named to him.
   *
   * @throws AuditError AUDIT_FILE_UNKNOWN for any other path.
   */
  file(path: string): Uint8Array {
    if (path === 'checkpoint') return new TextEncoder().encode(this.checkpoint);
    const file = fileAt(path);
    if (file === undefined || sizeFor(file) > this.size) {
      throw new AuditError('AUDIT_FILE_UNKNOWN', `the log has no file ${JSON.stringify(path)}`);
    }
    const { content, level, index, width } = file;
    if (width === TILE_WIDTH) return this.#read(path);
    // A partial tile or bundle is the beginning of the wider one that took its place.
    if (content === 'entries') return encodeBundle(this.#bundle(index).slice(0, width));
    return new Tile(this.#tile(level, index).hashes.slice(0, width)).toBytes();
  }

  #nodes(): HashReader {
    const tiles = new Map<string, Tile>();
    return (level, index) => {
      const { tile, height, at } = placeInTile(level, index);
      const path = tilePath(tile.level, tile.index);
      const found = tiles.get(path) ?? this.#tile(tile.level, tile.index);
      tiles.set(path, found);
      const node = found.node(height, at);
      if (node === undefined) throw broken(path);
      return node;
    };
  }

  #tile(level: number, index: number): Tile {
    const { full, tree } = this.#state;
    const held = [...tree.edge, ...full].find((one) => one.level === level && one.index === index);
    return held?.tile ?? Tile.fromBytes(this.#read(tilePath(level, index)));
  }

  #bundle(index: number): readonly Uint8Array[] {
    if (index === Math.floor(this.size / TILE_WIDTH)) return this.#state.bundle;
    const path = entriesPath(index);
    const bytes = this.#read(path);
    try {
      return decodeBundle(bytes);
    } catch (cause) {
      throw broken(path, cause);
    }
  }

  #read(path: string): Uint8Array {
    try {
      return readFileSync(join(this.#folder, path));
    } catch (cause) {
      throw broken(path, cause);
    }
  }

  #beyond(index: number): AuditError {
    return new AuditError(
      'AUDIT_INDEX_BEYOND_LOG',
      `the log has ${this.size} entries, not ${index}`,
    );
  }
}

function broken(path: string, cause?: unknown): AuditError {
  return new AuditError('AUDIT_LOG_BROKEN', `${path} is not as it was written`, { cause });
}
