import { reporters } from '@physiclaw/contracts';
import { type Checkpoint, openCheckpoint, readEntry } from '../checkpoint/checkpoint.ts';
import { sameBytes, textOf, utf8 } from '../encoding/bytes.ts';
import { hashLeaf } from '../merkle/proofs.ts';
import {
  type FaultPlace,
  LogFault,
  type LogSource,
  missing,
  readFile,
  readTile,
} from './source.ts';
import { entriesIn, entriesPath, fileAt, firstEntryOf, logFiles, TILE_WIDTH } from './tiles.ts';
import { LogTree, Tile } from './tree.ts';

const SERVICE = /^spiffe:\/\/[^/]+\/([^/]+)$/;
const NOTHING = new Uint8Array();

export interface VerifyOptions {
  /** The log's key, from a place where who writes the log cannot write. */
  readonly vkey: string;
  /** Checkpoints of this log that were held outside of it: the log must have grown out of each. */
  readonly since?: string | readonly string[] | undefined;
}

/** What a whole log was found to hold, and what it takes to continue it. */
export interface VerifiedLog extends Checkpoint {
  readonly files: number;
  /** The right edge. */
  readonly tree: LogTree;
  /** The entries of the last bundle, where it is not full. */
  readonly bundle: readonly Uint8Array[];
  /** By `onceKey`: every key that was used up, and the entry that did. */
  readonly used: ReadonlyMap<string, number>;
  /** Time of the last entry. */
  readonly time: number;
}

/**
 * Checks every byte of every file of a log: the checkpoint's signature, that exactly the files of
 * its size are there, each tile against the signed root, each entry against its tile, and what
 * holds from entry to entry. Reads each file once, one bundle at a time.
 *
 * Without `since` it cannot see that a log was cut back to an older checkpoint as a whole. A log
 * that is written meanwhile may look faulty: look again when its checkpoint has changed.
 *
 * @throws LogFault with the file and, where it can be told, the first entry concerned.
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<VerifiedLog> {
  const text = await readFile(source, 'checkpoint');
  const checkpoint = open(text, { file: 'checkpoint', index: 0 }, options.vkey);
  const since = [options.since ?? []].flat();
  const held = since.map((older) => open(utf8(older), { file: 'since' }, options.vkey));
  const beyond = held.find(({ size }) => size > checkpoint.size);
  if (beyond) {
    const reason = `the log was cut: a checkpoint held outside names ${beyond.size} entries`;
    throw new LogFault('PROOF_LOG_CUT', { file: 'checkpoint', index: checkpoint.size }, reason);
  }
  const files = await checkNames(source, checkpoint.size);
  const tree = await readEdge(source, checkpoint.size);
  if (!sameBytes(tree.root, checkpoint.root)) throw await faultAtEdge(source, tree.edge);
  const walk = new Walk(source, held);
  for (const tile of tree.edge.toReversed()) await walk.below(tile);
  const { bundle, used, time } = walk;
  return { ...checkpoint, files, tree, bundle, used, time };
}

function open(bytes: Uint8Array, at: FaultPlace, vkey: string): Checkpoint {
  try {
    return openCheckpoint(textOf(bytes), vkey);
  } catch (cause) {
    const why = `is no checkpoint that this log signed: ${String(cause)}`;
    throw new LogFault('PROOF_LOG_CHECKPOINT', at, why, { cause });
  }
}

/** A file too few, or one too many: what no hash covers must not be there. */
async function checkNames(source: LogSource, size: number): Promise<number> {
  const found = new Set<string>();
  for await (const path of source.list()) found.add(path);
  const files = found.size;
  found.delete('checkpoint');
  for (const place of logFiles(size)) {
    if (!found.delete(place.path)) throw missing(place.path, firstEntryOf(place));
  }
  const [file] = found;
  if (file === undefined) return files;
  const place = fileAt(file);
  const at = { file, index: place && firstEntryOf(place) };
  throw new LogFault('PROOF_LOG_STRAY', at, 'is no file of a log of this size');
}

async function readEdge(source: LogSource, size: number): Promise<LogTree> {
  const tiles: Tile[] = [];
  for (let count = size; count > 0; count = Math.floor(count / TILE_WIDTH)) {
    const [index, width] = [Math.floor(count / TILE_WIDTH), count % TILE_WIDTH];
    const place = { level: tiles.length, index, width };
    tiles.push(width === 0 ? new Tile(place.level, index) : await readTile(source, place));
  }
  return new LogTree(tiles);
}

/** Where the edge does not lead to the signed root: a tile of it is wrong, or the whole log. */
async function faultAtEdge(source: LogSource, edge: readonly Tile[]): Promise<LogFault> {
  for (const tile of edge) {
    const below = await hashesBelow(source, tile);
    const same = tile.hashes.every((hash, at) => sameBytes(hash, below[at] ?? NOTHING));
    if (!same) return changedTile(tile);
  }
  return forked('the log is whole, and not the one that was signed');
}

async function hashesBelow(source: LogSource, tile: Tile): Promise<Uint8Array[]> {
  if (tile.level === 0) return (await readBundle(source, tile)).entries.map(hashLeaf);
  const hashes: Uint8Array[] = [];
  for (const at of tile.hashes.keys()) {
    const { root } = await readChild(source, tile, at);
    hashes.push(root ?? NOTHING);
  }
  return hashes;
}

/** The tile whose root a tile has at this place. */
function readChild(source: LogSource, { level, index }: Tile, at: number): Promise<Tile> {
  const place = { level: level - 1, index: index * TILE_WIDTH + at, width: TILE_WIDTH };
  return readTile(source, place);
}

/** What a tile of the lowest level has the hashes of. */
async function readBundle(source: LogSource, tile: Tile) {
  const file = entriesPath(tile.index, tile.width);
  return { file, ...entriesIn(await readFile(source, file, firstEntryOf(tile))) };
}

/** Goes down from tiles that are known to be good to the entries, from left to right. */
class Walk {
  readonly #source: LogSource;
  readonly #held: readonly Checkpoint[];
  /** The tree of the entries that were seen so far. */
  readonly #seen = new LogTree();
  readonly used = new Map<string, number>();
  bundle: readonly Uint8Array[] = [];
  time = 0;

  constructor(source: LogSource, held: readonly Checkpoint[]) {
    this.#source = source;
    this.#held = held;
    this.#compare();
  }

  /** @throws LogFault at the first file or entry below a tile that is not what its hash says. */
  async below(tile: Tile): Promise<void> {
    if (tile.level === 0) return this.#bundle(tile);
    for (const [at, hash] of tile.hashes.entries()) {
      const child = await readChild(this.#source, tile, at);
      if (!child.root || !sameBytes(child.root, hash)) throw changedTile(child);
      await this.below(child);
    }
  }

  async #bundle(tile: Tile): Promise<void> {
    const { file, entries, rest } = await readBundle(this.#source, tile);
    for (const [place, hash] of tile.hashes.entries()) {
      const [at, entry] = [{ file, index: this.#seen.size }, entries[place]];
      if (entry === undefined || !sameBytes(hashLeaf(entry), hash)) {
        throw new LogFault('PROOF_LOG_CHANGED', at, 'is not the entry that was signed');
      }
      this.#read(entry, at);
      this.#seen.add(hash);
      this.#compare();
    }
    if (entries.length > tile.width || rest > 0) {
      const after = { file, index: this.#seen.size };
      throw new LogFault('PROOF_LOG_CHANGED', after, 'has bytes behind its last entry');
    }
    this.bundle = tile.width < TILE_WIDTH ? entries : [];
  }

  /** Holds an entry against what holds from entry to entry of one log. */
  #read(bytes: Uint8Array, at: FaultPlace & { index: number }): void {
    const fault = (why: string, cause?: unknown) =>
      new LogFault('PROOF_LOG_ENTRY', at, why, { cause });
    const entry = readEntry(bytes, fault);
    const { reporter, once, event } = entry.unmapped;
    if (!reporters[event.kind].includes(SERVICE.exec(reporter)?.[1] ?? '')) {
      throw fault(`${reporter} may not report ${event.kind}`);
    }
    if (entry.time < this.time) throw fault('its time is before that of the entry before it');
    this.time = entry.time;
    for (const key of once.map((name) => onceKey(reporter, name))) {
      const first = this.used.get(key);
      if (first !== undefined) throw fault(`uses a key that entry ${first} used up`);
      this.used.set(key, at.index);
    }
  }

  /** Holds the log as it was at this size against the checkpoints that were held outside. */
  #compare(): void {
    const size = this.#seen.size;
    for (const held of this.#held) {
      if (held.size !== size || sameBytes(held.root, this.#seen.root)) continue;
      throw forked(`the first ${size} entries are not those of a checkpoint held outside`);
    }
  }
}

/** A key belongs to who reports it: nobody uses up another service's. */
export function onceKey(reporter: string, key: string): string {
  return `${reporter} ${key}`;
}

/** A tile that is not the one that was signed proves none of the entries under it. */
function changedTile(tile: Tile): LogFault {
  const at = { file: tile.path, index: firstEntryOf(tile) };
  return new LogFault('PROOF_LOG_CHANGED', at, 'is not the tile that was signed');
}

/** A log with a good signature that is another one. */
function forked(why: string): LogFault {
  return new LogFault('PROOF_LOG_FORKED', { file: 'checkpoint', index: 0 }, why);
}
