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
  type LogFile,
  logFiles,
  type LogTree,
  placeInTile,
  ProofError,
  sizeFor,
  Tile,
  TILE_WIDTH,
  tilePath,
} from '@physiclaw/proof';
import { AuditError } from '../errors.ts';
import type { LogState } from './growth.ts';

type FullTiles = (level: number, index: number) => Tile | undefined;

/**
 * What the log shows of itself. What is full it reads back from the disk and does not check again:
 * who changed it there gets proofs that lead to no signed root, and whoever asked sees that.
 */
export class Evidence {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when there is no such entry yet. */
  receipt(state: LogState, index: number): Receipt {
    const [entry] = this.entries(state, index, 1);
    if (entry === undefined) throw beyond(index, state);
    return this.receiptOf(state, { index, entry });
  }

  /** The receipt of an entry that the caller has; `full` knows tiles that may not be on the disk. */
  receiptOf(
    { tree, checkpoint }: Pick<LogState, 'tree' | 'checkpoint'>,
    { index, entry }: { readonly index: number; readonly entry: Uint8Array },
    full: FullTiles = () => undefined,
  ): Receipt {
    const proof = inclusionNodes(index, tree.size, this.#nodes(tree, full));
    return {
      index,
      entry: new TextDecoder().decode(entry),
      proof: proof.map(encodeBase64),
      checkpoint,
    };
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG unless `from` ≤ `to` ≤ the log's size. */
  consistency({ tree, ...state }: LogState, from: number, to: number): string[] {
    if (from > to || to > tree.size) throw beyond(Math.max(from, to), { tree, ...state });
    // Every log continues the empty one: there is nothing to show.
    if (from === 0) return [];
    return consistencyNodes(
      from,
      to,
      this.#nodes(tree, () => undefined),
    ).map(encodeBase64);
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when `from` is not even the next entry's index. */
  entries(state: LogState, from: number, count: number): Uint8Array[] {
    const { size } = state.tree;
    if (from > size) throw beyond(from, state);
    const end = Math.min(size, from + count);
    const found: Uint8Array[] = [];
    for (let at = from; at < end; at = from + found.length) {
      const first = at - (at % TILE_WIDTH);
      const bundle = this.#bundle(state, first / TILE_WIDTH).slice(at - first, end - first);
      if (bundle.length === 0) throw broken(entriesPath(first / TILE_WIDTH));
      found.push(...bundle);
    }
    return found;
  }

  /** The names of the files that a log of this size consists of. */
  files({ tree }: LogState): string[] {
    return ['checkpoint', ...Array.from(logFiles(tree.size), ({ path }) => path)];
  }

  /**
   * One file of the log as it lies on the disk, also one that the log had when it was smaller:
   * whoever copies it while it grows gets every file that was named to him.
   *
   * @throws AuditError AUDIT_FILE_UNKNOWN for any other path.
   */
  file(state: LogState, path: string): Uint8Array {
    if (path === 'checkpoint') return new TextEncoder().encode(state.checkpoint);
    const file = fileAt(path);
    if (file === undefined || sizeFor(file) > state.tree.size) {
      throw new AuditError('AUDIT_FILE_UNKNOWN', `the log has no file ${JSON.stringify(path)}`);
    }
    if (file.width === TILE_WIDTH) return this.#read(path);
    // A partial tile or bundle is the beginning of the wider one that took its place.
    if (file.content === 'entries') {
      return encodeBundle(this.#bundle(state, file.index).slice(0, file.width));
    }
    return new Tile(this.#tile(state.tree, file).hashes.slice(0, file.width)).toBytes();
  }

  #nodes(tree: LogTree, full: FullTiles): HashReader {
    const tiles = new Map<string, Tile>();
    return (level, index) => {
      const { tile, height, at } = placeInTile(level, index);
      const path = tilePath(tile.level, tile.index);
      const found = tiles.get(path) ?? full(tile.level, tile.index) ?? this.#tile(tree, tile);
      tiles.set(path, found);
      return found.node(height, at) ?? fail(path);
    };
  }

  #tile(tree: LogTree, { level, index }: Pick<LogFile, 'level' | 'index'>): Tile {
    const atEdge = tree.edge.find((placed) => placed.level === level && placed.index === index);
    return atEdge?.tile ?? Tile.fromBytes(this.#read(tilePath(level, index)));
  }

  #bundle({ tree, bundle }: LogState, index: number): readonly Uint8Array[] {
    if (index === Math.floor(tree.size / TILE_WIDTH)) return bundle;
    const path = entriesPath(index);
    try {
      return decodeBundle(this.#read(path));
    } catch (cause) {
      if (cause instanceof ProofError) throw broken(path, cause);
      throw cause;
    }
  }

  #read(path: string): Uint8Array {
    try {
      return readFileSync(join(this.#folder, path));
    } catch (cause) {
      throw broken(path, cause);
    }
  }
}

function beyond(index: number, { tree }: Pick<LogState, 'tree'>): AuditError {
  return new AuditError('AUDIT_INDEX_BEYOND_LOG', `the log has ${tree.size} entries, not ${index}`);
}

function fail(path: string): never {
  throw broken(path);
}

function broken(path: string, cause?: unknown): AuditError {
  return new AuditError('AUDIT_LOG_BROKEN', `${path} is not as it was written`, { cause });
}
