import { concat } from '../encoding/bytes.ts';
import { hashChildren, rootOf } from '../merkle/proofs.ts';
import { type Place, sizeFor, TILE_WIDTH, tilePath } from './tiles.ts';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;
const HEIGHT = 8;

/** The tile that holds a node of the tree. */
export function tileOf(level: number, index: number): Omit<Place, 'width'> {
  const height = level % HEIGHT;
  const across = TILE_WIDTH / 2 ** height;
  return { level: (level - height) / HEIGHT, index: Math.floor(index / across) };
}

/** Hashes of one tile and the roots of the whole subtrees above them, each computed once. */
export class Tile {
  readonly level: number;
  readonly index: number;
  // By height: 0 are the tile's own hashes, 8 is the root of a full tile.
  readonly #nodes: Uint8Array[][] = Array.from({ length: HEIGHT + 1 }, () => []);

  /** `bytes` as its file holds them: 32 for each hash. */
  constructor(level: number, index: number, bytes: Uint8Array = new Uint8Array()) {
    this.level = level;
    this.index = index;
    for (let at = 0; at < bytes.length; at += HASH_BYTES)
      this.add(bytes.slice(at, at + HASH_BYTES));
  }

  get hashes(): readonly Uint8Array[] {
    return this.#nodes[0] ?? [];
  }

  get width(): number {
    return this.hashes.length;
  }

  /** Name of its file. */
  get path(): string {
    return tilePath(this.level, this.index, this.width);
  }

  /** The root of a full tile: a hash of the level above. */
  get root(): Uint8Array | undefined {
    return this.#nodes[HEIGHT]?.[0];
  }

  /** The root of a whole subtree of the tree, where it lies in this tile. */
  node(level: number, index: number): Uint8Array | undefined {
    const height = level - this.level * HEIGHT;
    const before = (this.index * TILE_WIDTH) / 2 ** height;
    return this.#nodes[height]?.[index - before];
  }

  add(hash: Uint8Array): void {
    let carried = hash;
    for (const row of this.#nodes) {
      const left = row.at(-1);
      row.push(carried);
      if (left === undefined || row.length % 2 === 1) return;
      carried = hashChildren(left, carried);
    }
  }

  /** Its first hashes as a file holds them: a partial tile is the beginning of the wider one. */
  toBytes(width = this.width): Uint8Array {
    return concat(this.hashes.slice(0, width));
  }

  clone(): Tile {
    const copy = new Tile(this.level, this.index);
    for (const [height, row] of this.#nodes.entries()) copy.#nodes[height] = [...row];
    return copy;
  }
}

/** The right edge of a tree: what it takes to grow it, and to know its root. */
export class LogTree {
  // By level: the tile that is not full. Where the level's last tile is full, an empty one.
  readonly #open: Tile[];

  constructor(open: Iterable<Tile> = []) {
    this.#open = [...open];
  }

  get size(): number {
    const [lowest] = this.#open;
    return lowest ? sizeFor(lowest) : 0;
  }

  get root(): Uint8Array {
    return rootOf(this.size, (level, index) => {
      const node = this.node(level, index);
      if (node === undefined) throw new RangeError(`node ${index} of level ${level} is not here`);
      return node;
    });
  }

  /** The partial tiles, the lowest level first. */
  get edge(): Tile[] {
    return this.#open.filter(({ width }) => width > 0);
  }

  /** The root of a whole subtree, where it lies in one of the partial tiles. */
  node(level: number, index: number): Uint8Array | undefined {
    return this.#open[tileOf(level, index).level]?.node(level, index);
  }

  /** Appends a leaf; tells of each tile that it filled. */
  add(leaf: Uint8Array, filled?: (full: Tile) => void): void {
    let carried = leaf;
    for (let level = 0; ; level++) {
      const tile = (this.#open[level] ??= new Tile(level, 0));
      tile.add(carried);
      if (tile.root === undefined) return;
      filled?.(tile);
      this.#open[level] = new Tile(level, tile.index + 1);
      carried = tile.root;
    }
  }

  clone(): LogTree {
    return new LogTree(this.#open.map((tile) => tile.clone()));
  }
}
