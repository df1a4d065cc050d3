import type { LogEntry } from '@physiclaw/contracts';
import type { Checkpoint } from '../checkpoint/note.ts';
import { sameBytes } from '../encoding/bytes.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { bundleLength, entriesIn, entriesPath, tilePath } from '../merkle/tile.ts';
import { EntryRules } from './entry-rules.ts';
import { LogFault } from './fault.ts';
import { firstEntryOf, TILE_WIDTH } from './files.ts';
import { type LogSource, readFile, readTile } from './source.ts';
import { LogTree, type PlacedTile } from './tree.ts';

export interface WalkOptions {
  readonly source: LogSource;
  readonly held: readonly Checkpoint[];
  readonly visit?: ((entry: LogEntry, bytes: Uint8Array, index: number) => void) | undefined;
}

/** Goes down from tiles that are known to be good to the entries, from left to right. */
export class Walk {
  readonly #options: WalkOptions;
  readonly #rules = new EntryRules();
  readonly #grown = new LogTree();

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
      const read = this.#rules.read(entry, at);
      this.#options.visit?.(read, entry, at.index);
      this.#grown.add(hash);
      this.#compare();
    }
    if (entries.length === hashes.length && bundleLength(entries) === bytes.length) return;
    const after = { file, index: this.entries };
    throw new LogFault('PROOF_LOG_CHANGED', after, 'has bytes behind its last entry');
  }

  /** Holds the log as it was at this size against the checkpoints that were held outside. */
  #compare(): void {
    const size = this.entries;
    for (const held of this.#options.held) {
      if (held.size !== size || sameBytes(held.root, this.#grown.root)) continue;
      const why = `the first ${size} entries are not those of a checkpoint held outside`;
      throw new LogFault('PROOF_LOG_FORKED', { file: 'checkpoint', index: 0 }, why);
    }
  }
}

/** A tile that is not the one that was signed proves none of the entries under it. */
export function changedTile({ level, index, tile }: PlacedTile): LogFault {
  const file = tilePath(level, index, tile.hashes.length);
  const at = { file, index: firstEntryOf({ level, index }) };
  return new LogFault('PROOF_LOG_CHANGED', at, 'is not the tile that was signed');
}
