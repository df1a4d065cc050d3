import type { LogEntry } from '@physiclaw/contracts';
import type { Checkpoint } from '../checkpoint/note.ts';
import { sameBytes } from '../encoding/bytes.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { entriesPath } from '../merkle/tile.ts';
import { EntryRules } from './entry-rules.ts';
import { LogFault } from './fault.ts';
import { faultOf } from './fault-of.ts';
import { firstEntryOf, TILE_WIDTH } from './files.ts';
import type { LogReader, TilePlace } from './reader.ts';
import { LogTree } from './tree.ts';

export interface WalkOptions {
  readonly held: readonly Checkpoint[];
  readonly visit?: ((entry: LogEntry, bytes: Uint8Array, index: number) => void) | undefined;
}

/** Goes down from tiles that are known to be good to the entries, from left to right. */
export class Walk {
  readonly #reader: LogReader;
  readonly #options: WalkOptions;
  readonly #rules = new EntryRules();
  readonly #grown = new LogTree();

  constructor(reader: LogReader, options: WalkOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#compare();
  }

  /** Entries seen so far. */
  get entries(): number {
    return this.#grown.size;
  }

  /**
   * Checks everything under a tile.
   *
   * @throws LogFault at the first file or entry that is not what its hash says.
   */
  async below(place: TilePlace, hashes: readonly Uint8Array[]): Promise<void> {
    if (place.level === 0) {
      if (hashes.length > 0) await this.#bundle(place, hashes);
      return;
    }
    for (const [at, hash] of hashes.entries()) {
      const child = { level: place.level - 1, index: place.index * TILE_WIDTH + at };
      const full = { ...child, width: TILE_WIDTH };
      const tile = await this.#reader.tile(full);
      if (tile.root === undefined || !sameBytes(tile.root, hash)) {
        throw await faultOf(this.#reader, full, tile);
      }
      await this.below(full, tile.hashes);
    }
  }

  async #bundle(place: TilePlace, hashes: readonly Uint8Array[]): Promise<void> {
    const file = entriesPath(place.index, place.width);
    const bytes = await this.#reader.read(file, firstEntryOf(place));
    let end = 0;
    for (const hash of hashes) {
      const at = { file, index: this.#grown.size };
      const entry = entryAt(bytes, end);
      if (entry === undefined) throw new LogFault('PROOF_LOG_CHANGED', at, 'is cut short');
      if (!sameBytes(hashLeaf(entry), hash)) {
        throw new LogFault('PROOF_LOG_CHANGED', at, 'is not the entry that was signed');
      }
      const read = this.#rules.read(entry, at);
      this.#options.visit?.(read, entry, at.index);
      this.#grown.add(hash);
      this.#compare();
      end += 2 + entry.length;
    }
    if (end === bytes.length) return;
    const after = { file, index: this.#grown.size };
    throw new LogFault('PROOF_LOG_CHANGED', after, 'has bytes behind its last entry');
  }

  /** Holds the log as it was at this size against the checkpoints that were held outside. */
  #compare(): void {
    const { size } = this.#grown;
    for (const held of this.#options.held) {
      if (held.size !== size || sameBytes(held.root, this.#grown.root)) continue;
      const reason = `the first ${size} entries are not those of a checkpoint held outside`;
      throw new LogFault('PROOF_LOG_FORKED', { file: 'checkpoint', index: 0 }, reason);
    }
  }
}

// Entry by entry, not the bundle at once: a changed length is named where it stands.
function entryAt(bytes: Uint8Array, start: number): Uint8Array | undefined {
  const [high, low] = bytes.subarray(start, start + 2);
  if (high === undefined || low === undefined) return undefined;
  const entry = bytes.subarray(start + 2, start + 2 + high * 256 + low);
  return entry.length === high * 256 + low ? entry : undefined;
}
