import { concat } from '../encoding/bytes.ts';
import { hashChildren, rootOf } from '../merkle/proofs.ts';
import { TILE_WIDTH } from './tiles.ts';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;
const HEIGHT = 8;

/** Hashes of one tile and the roots of the whole subtrees above them, each computed once. */
export class Tile {
  // By height: 0 are the tile's own hashes, 8 is the root of a full tile.
  readonly #nodes: Uint8Array[][];

  constructor(hashes: Iterable<Uint8Array> = []) {
    this.#nodes = Array.from({ length: HEIGHT + 1 }, () => []);
    for (const hash of hashes) this.add(hash);
  }

  /** A tile as its file holds it: 32 bytes for each hash. */
  static fromBytes(bytes: Uint8Array): Tile {
    const tile = new Tile();
    for (let at = 0; at < bytes.length; at += HASH_BYTES)
      tile.add(bytes.slice(at, at + HASH_BYTES));
    return tile;
  }

  get hashes(): readonly Uint8Array[] {
    return this.#nodes[0] ?? [];
  }

  node(height: number, index: number): Uint8Array | undefined {
    return this.#nodes[height]?.[index];
  }

  /** The root of a full tile: a hash of the level above. */
  get root(): Uint8Array | undefined {
    return this.node(HEIGHT, 0);
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

  toBytes(): Uint8Array {
    return concat(...this.hashes);
  }

  clone(): Tile {
    const copy = new Tile();
    for (const [height, row] of this.#nodes.entries()) copy.#nodes[height] = [...row];
    return copy;
  }
}

/** A tile and where in the tree it lies. */
export interface PlacedTile {
  readonly level: number;
  readonly index: number;
  readonly tile: Tile;
}

/** Which tile holds a node of the tree, and where in it: see `Tile.node`. */
export function placeInTile(level: number, index: number) {
  const height = level % HEIGHT;
  const across = TILE_WIDTH / 2 ** height;
  const tile = { level: (level - height) / HEIGHT, index: Math.floor(index / across) };
  return { tile, height, at: index % across };
}

/** The right edge of a tree: what it takes to grow it, and to know its root. */
export class LogTree {
  #size: number;
  // By level: the tile that is not full. Where the level's last tile is full, an empty one.
  readonly #open: Tile[];

  constructor(size = 0, open: Iterable<Tile> = []) {
    this.#size = size;
    this.#open = [...open];
  }

  get size(): number {
    return this.#size;
  }

  get root(): Uint8Array {
    return rootOf(this.#size, (level, index) => {
      const node = this.node(level, index);
      if (node === undefined) throw new RangeError(`node ${index} of level ${level} is not here`);
      return node;
    });
  }

  /** The partial tiles, the lowest level first. */
  get edge(): PlacedTile[] {
    return this.#open
      .map((tile, level) => ({ level, index: this.#indexAt(level), tile }))
      .filter(({ tile }) => tile.hashes.length > 0);
  }

  /** The root of a whole subtree, where it lies in one of the partial tiles. */
  node(level: number, index: number): Uint8Array | undefined {
    const { tile, height, at } = placeInTile(level, index);
    if (tile.index !== this.#indexAt(tile.level)) return undefined;
    return this.#open[tile.level]?.node(height, at);
  }

  /** Appends a leaf; tells of each tile that it filled. */
  add(leaf: Uint8Array, filled?: (full: PlacedTile) => void): void {
    this.#size++;
    let carried: Uint8Array | undefined = leaf;
    for (let level = 0; carried !== undefined; level++) {
      const tile: Tile = (this.#open[level] ??= new Tile());
      tile.add(carried);
      carried = tile.root;
      if (carried === undefined) return;
      filled?.({ level, index: this.#indexAt(level) - 1, tile });
      this.#open[level] = new Tile();
    }
  }

  clone(): LogTree {
    return new LogTree(
      this.#size,
      this.#open.map((tile) => tile.clone()),
    );
  }

  #indexAt(level: number): number {
    return Math.floor(this.#size / TILE_WIDTH ** (level + 1));
  }
}
