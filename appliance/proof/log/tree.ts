import { concat } from '../encoding/bytes.ts';
import { hashChildren } from '../merkle/hash.ts';
import { rootOf } from '../merkle/prove.ts';
import { TILE_WIDTH } from './files.ts';

const HEIGHT = 8;

/** Hashes of one tile and the roots of the whole subtrees above them, each computed once. */
export class Tile {
  // By height: 0 are the tile's own hashes, 8 is the root of a full tile.
  readonly #nodes: Uint8Array[][];

  constructor(hashes: Iterable<Uint8Array> = []) {
    this.#nodes = Array.from({ length: HEIGHT + 1 }, () => []);
    for (const hash of hashes) this.add(hash);
  }

  get hashes(): readonly Uint8Array[] {
    return this.#nodes[0] ?? [];
  }

  /** The root of a full tile: a hash of the level above. */
  get root(): Uint8Array | undefined {
    return this.node(HEIGHT, 0);
  }

  node(height: number, index: number): Uint8Array | undefined {
    return this.#nodes[height]?.[index];
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

/** A tile that became full, and its place. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly tile: Tile;
}

/** The right edge of a tree: what it takes to grow it, and to know its root. */
export class LogTree {
  #size: number;
  // By level: the tile that is not full. Where the level's last tile is full, an empty one.
  readonly #edge: Tile[];

  constructor(size = 0, edge: readonly Tile[] = []) {
    this.#size = size;
    this.#edge = [...edge];
  }

  get size(): number {
    return this.#size;
  }

  get root(): Uint8Array {
    return rootOf(this.#size, (level, index) => {
      const node = this.node(level, index);
      if (node === undefined)
        throw new RangeError(`node ${index} of level ${level} is not at the edge`);
      return node;
    });
  }

  /** The tiles that are not full, by level; an empty one where the last tile is. */
  get edge(): readonly Tile[] {
    return this.#edge;
  }

  /** The root of a whole subtree, where it lies in one of the edge's tiles. */
  node(level: number, index: number): Uint8Array | undefined {
    const height = level % HEIGHT;
    const tileLevel = (level - height) / HEIGHT;
    const across = TILE_WIDTH / 2 ** height;
    const last = Math.floor(this.#size / TILE_WIDTH ** (tileLevel + 1));
    if (Math.floor(index / across) !== last) return undefined;
    return this.#edge[tileLevel]?.node(height, index % across);
  }

  /** Appends a leaf; tells of each tile that it filled. */
  add(leaf: Uint8Array, filled?: (full: FullTile) => void): void {
    this.#size++;
    let carried: Uint8Array | undefined = leaf;
    for (let level = 0; carried !== undefined; level++) {
      const tile: Tile = (this.#edge[level] ??= new Tile());
      tile.add(carried);
      carried = tile.root;
      if (carried === undefined) return;
      filled?.({ level, index: this.#size / TILE_WIDTH ** (level + 1) - 1, tile });
      this.#edge[level] = new Tile();
    }
  }

  clone(): LogTree {
    return new LogTree(
      this.#size,
      this.#edge.map((tile) => tile.clone()),
    );
  }
}
