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
  hashLeaf,
  inclusionNodes,
  logFiles,
  type LogTree,
  sizeFor,
  Tile,
  TILE_WIDTH,
  tileOf,
  tilePath,
} from '@physiclaw/proof';
import { AuditError } from '../errors.ts';

/** A log at one moment. Never changed: a new moment is a new value. */
export interface LogState {
  readonly tree: LogTree;
  /** The entries of the last bundle, where it is not full. */
  readonly bundle: readonly Uint8Array[];
  readonly checkpoint: string;
}

/** What entries do to a log: nothing of it is on the disk yet, and no checkpoint signed. */
export interface Growth extends Omit<LogState, 'checkpoint'> {
  /** New files, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Files that the new checkpoint has no use for. */
  readonly superseded: readonly string[];
}

/** The log with these entries appended; its cost grows with theirs, not with the log. */
export function grow(state: LogState, entries: readonly Uint8Array[]): Growth {
  const tree = state.tree.clone();
  const files = new Map<string, Uint8Array>();
  let bundle = [...state.bundle];
  for (const entry of entries) {
    tree.add(hashLeaf(entry), (full) => files.set(full.path, full.toBytes()));
    bundle.push(entry);
    if (bundle.length < TILE_WIDTH) continue;
    files.set(entriesPath(tree.size / TILE_WIDTH - 1), encodeBundle(bundle));
    bundle = [];
  }
  const before = partialFiles(state);
  const after = partialFiles({ tree, bundle });
  for (const [path, write] of after) if (!before.has(path)) files.set(path, write());
  const superseded = [...before.keys()].filter((path) => !after.has(path));
  return { tree, bundle, files, superseded };
}

/**
 * What a log at one moment shows of itself. What is full it reads back from the disk and does not
 * check again: who changed it there gets proofs that lead to no signed root, and whoever asked
 * sees that.
 */
export class Evidence {
  readonly #folder: string;
  readonly #state: LogState;
  /** Of each level the tile that was read last: proofs for one batch read the same one. */
  readonly #read = new Map<number, Tile>();
  readonly size: number;
  readonly checkpoint: string;

  constructor(folder: string, state: LogState) {
    this.#folder = folder;
    this.#state = state;
    this.size = state.tree.size;
    this.checkpoint = state.checkpoint;
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when there is no such entry yet. */
  receipt(index: number, entry = this.entries(index, 1)[0]): Receipt {
    this.#demandWithin(entry !== undefined, index);
    const proof = inclusionNodes(index, this.size, this.#node).map(encodeBase64);
    return { index, entry, proof, checkpoint: this.checkpoint };
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG unless `from` ≤ `to` ≤ the log's size. */
  consistency(from: number, to: number): string[] {
    this.#demandWithin(from <= to && to <= this.size, Math.max(from, to));
    // Every log continues the empty one: there is nothing to show.
    return from === 0 ? [] : consistencyNodes(from, to, this.#node).map(encodeBase64);
  }

  /** @throws AuditError AUDIT_INDEX_BEYOND_LOG when `from` is not even the next entry's index. */
  entries(from: number, count: number): string[] {
    this.#demandWithin(from <= this.size, from);
    const end = Math.min(this.size, from + count);
    const first = from - (from % TILE_WIDTH);
    const found: Uint8Array[] = [];
    for (let at = first; at < end; at += TILE_WIDTH) found.push(...this.#bundle(at / TILE_WIDTH));
    const asked = found.slice(from - first, end - first);
    return asked.map((bytes) => new TextDecoder().decode(bytes));
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
    const known = file !== undefined && sizeFor(file) <= this.size;
    AuditError.demand(known, 'AUDIT_FILE_UNKNOWN', `the log has no file ${JSON.stringify(path)}`);
    const { content, level, index, width } = file;
    if (width === TILE_WIDTH) return this.#bytes(path);
    // A partial tile or bundle is the beginning of the wider one that took its place.
    if (content === 'entries') return encodeBundle(this.#bundle(index).slice(0, width));
    return this.#tile(level, index).toBytes(width);
  }

  readonly #node = (level: number, index: number): Uint8Array => {
    const place = tileOf(level, index);
    const node = this.#tile(place.level, place.index).node(level, index);
    demandIntact(node !== undefined, tilePath(place.level, place.index));
    return node;
  };

  #tile(level: number, index: number): Tile {
    const held = [...this.#state.tree.edge, ...this.#read.values()];
    const found = held.find((one) => one.level === level && one.index === index);
    if (found) return found;
    const tile = new Tile(level, index, this.#bytes(tilePath(level, index)));
    this.#read.set(level, tile);
    return tile;
  }

  #bundle(index: number): readonly Uint8Array[] {
    if (index === Math.floor(this.size / TILE_WIDTH)) return this.#state.bundle;
    const path = entriesPath(index);
    const entries = intact(path, () => decodeBundle(this.#bytes(path)));
    demandIntact(entries.length === TILE_WIDTH, path);
    return entries;
  }

  #bytes(path: string): Uint8Array {
    return intact(path, () => readFileSync(join(this.#folder, path)));
  }

  #demandWithin(holds: boolean, index: number): asserts holds {
    const message = `the log has ${this.size} entries, not ${index}`;
    AuditError.demand(holds, 'AUDIT_INDEX_BEYOND_LOG', message);
  }
}

/** The files at the right edge, each with what lies in it. */
function partialFiles({ tree, bundle }: Pick<LogState, 'tree' | 'bundle'>) {
  const files = new Map<string, () => Uint8Array>();
  for (const tile of tree.edge) {
    const { path, level, index, width } = tile;
    files.set(path, () => tile.toBytes());
    if (level === 0) files.set(entriesPath(index, width), () => encodeBundle(bundle));
  }
  return files;
}

function intact<Result>(path: string, read: () => Result): Result {
  return AuditError.attempt('AUDIT_LOG_BROKEN', read, damage(path));
}

function demandIntact(holds: boolean, path: string): asserts holds {
  AuditError.demand(holds, 'AUDIT_LOG_BROKEN', damage(path));
}

function damage(path: string): string {
  return `${path} is not as it was written: stop, and see what physiclaw audit verify says`;
}
