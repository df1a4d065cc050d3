import { type LogEntry, reporters } from '@physiclaw/contracts';
import type { Checkpoint } from '../checkpoint/note.ts';
import { readEntry } from '../checkpoint/receipt.ts';
import { sameBytes } from '../encoding/bytes.ts';
import { hashLeaf } from '../merkle/proofs.ts';
import { type FaultPlace, LogFault, type LogSource, readFile, readTile } from './source.ts';
import {
  bundleLength,
  entriesIn,
  entriesPath,
  firstEntryOf,
  TILE_WIDTH,
  tilePath,
} from './tiles.ts';
import { LogTree, type PlacedTile } from './tree.ts';

export interface WalkOptions {
  readonly source: LogSource;
  readonly held: readonly Checkpoint[];
  readonly visit?: ((entry: LogEntry, bytes: Uint8Array, index: number) => void) | undefined;
}

const SERVICE = /^spiffe:\/\/[^/]+\/([^/]+)$/;

/** Goes down from tiles that are known to be good to the entries, from left to right. */
export class Walk {
  readonly #options: WalkOptions;
  readonly #used = new Map<string, number>();
  readonly #grown = new LogTree();
  #time = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#compare();
  }

  /** Entries seen so far. */
  get entries(): number {
    return this.#grown.size;
  }

  /** @throws LogFault at the first file or entry below a tile that is not what its hash says. */
  async below(placed: PlacedTile): Promise<void> {
    if (placed.level === 0) return this.#bundle(placed);
    const level = placed.level - 1;
    for (const [at, hash] of placed.tile.hashes.entries()) {
      const child = { level, index: placed.index * TILE_WIDTH + at, width: TILE_WIDTH };
      const tile = await readTile(this.#options.source, child);
      if (!tile.root || !sameBytes(tile.root, hash)) throw changedTile({ ...child, tile });
      await this.below({ ...child, tile });
    }
  }

  async #bundle({ index, tile: { hashes } }: PlacedTile): Promise<void> {
    const file = entriesPath(index, hashes.length);
    const bytes = await readFile(this.#options.source, file, this.entries);
    const entries = [...entriesIn(bytes)];
    for (const [place, hash] of hashes.entries()) {
      const [at, entry] = [{ file, index: this.entries }, entries[place]];
      if (entry === undefined || !sameBytes(hashLeaf(entry), hash)) {
        throw new LogFault('PROOF_LOG_CHANGED', at, 'is not the entry that was signed');
      }
      const read = this.#read(entry, at);
      this.#options.visit?.(read, entry, at.index);
      this.#grown.add(hash);
      this.#compare();
    }
    if (entries.length === hashes.length && bundleLength(entries) === bytes.length) return;
    const after = { file, index: this.entries };
    throw new LogFault('PROOF_LOG_CHANGED', after, 'has bytes behind its last entry');
  }

  /** An entry, held against what holds from entry to entry of one log. */
  #read(bytes: Uint8Array, at: FaultPlace & { index: number }): LogEntry {
    const fault = (why: string, cause?: unknown) =>
      new LogFault('PROOF_LOG_ENTRY', at, why, { cause });
    const entry = readEntry(bytes, fault);
    const { reporter, once, event } = entry.unmapped;
    if (!reporters[event.kind].includes(SERVICE.exec(reporter)?.[1] ?? '')) {
      throw fault(`${reporter} may not report ${event.kind}`);
    }
    if (entry.time < this.#time) throw fault('its time is before that of the entry before it');
    this.#time = entry.time;
    for (const key of once.map((name) => onceKey(reporter, name))) {
      const first = this.#used.get(key);
      if (first !== undefined) throw fault(`uses a key that entry ${first} used up`);
      this.#used.set(key, at.index);
    }
    return entry;
  }

  /** Holds the log as it was at this size against the checkpoints that were held outside. */
  #compare(): void {
    const size = this.entries;
    for (const held of this.#options.held) {
      if (held.size !== size || sameBytes(held.root, this.#grown.root)) continue;
      throw forked(`the first ${size} entries are not those of a checkpoint held outside`);
    }
  }
}

/** A key belongs to who reports it: nobody uses up another service's. */
export function onceKey(reporter: string, key: string): string {
  return `${reporter} ${key}`;
}

/** A tile that is not the one that was signed proves none of the entries under it. */
export function changedTile({ level, index, tile }: PlacedTile): LogFault {
  const file = tilePath(level, index, tile.hashes.length);
  const at = { file, index: firstEntryOf({ level, index }) };
  return new LogFault('PROOF_LOG_CHANGED', at, 'is not the tile that was signed');
}

/** A log with a good signature that is another one. */
export function forked(why: string): LogFault {
  return new LogFault('PROOF_LOG_FORKED', { file: 'checkpoint', index: 0 }, why);
}
