import { hashChildren, hashLeaf, LogTree, rootOf, Tile } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';

const leaf = (n: number) => hashLeaf(new TextEncoder().encode(String(n)));

/** RFC 6962 without tiles. */
function plainRoot(from: number, to: number): Uint8Array {
  if (to - from === 1) return leaf(from);
  const left = 2 ** Math.ceil(Math.log2(to - from) - 1);
  return hashChildren(plainRoot(from, from + left), plainRoot(from + left, to));
}

function grown(size: number): LogTree {
  const tree = new LogTree();
  for (let n = 0; n < size; n++) tree.add(leaf(n));
  return tree;
}

test.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 1000])(
  'the right edge of %i leaves has the root of RFC 6962',
  (size) => {
    expect(grown(size).root).toEqual(plainRoot(0, size));
  },
);

test('a tree without leaves has the root of the empty tree', () => {
  expect(new LogTree().root).toEqual(
    rootOf(0, () => {
      throw new Error('nothing to read');
    }),
  );
});

test('each tile is told of when it is full, the lower level first', () => {
  const tree = new LogTree();
  const full: string[] = [];
  for (let n = 0; n < 256 * 256; n++) {
    tree.add(leaf(0), ({ level, index }) => full.push(`${level}/${index}`));
  }

  expect(full.slice(0, 2)).toEqual(['0/0', '0/1']);
  expect(full.slice(-2)).toEqual(['0/255', '1/0']);
  expect(tree.edge).toMatchObject([{ level: 2, index: 0, hashes: { length: 1 } }]);
});

test('a tree continues from its edge as if it had never been put down', () => {
  const before = grown(300);
  const after = new LogTree(
    before.edge.map((tile) => new Tile(tile.level, tile.index, tile.toBytes())),
  );

  for (let n = 300; n < 600; n++) after.add(leaf(n));

  expect(after.root).toEqual(plainRoot(0, 600));
});

test('what is added to a clone does not change the tree', () => {
  const tree = grown(300);
  const { root } = tree;

  tree.clone().add(leaf(300));

  expect(tree.root).toEqual(root);
  expect(tree.size).toBe(300);
});

describe('node', () => {
  test('gives roots of whole subtrees at the edge', () => {
    expect(grown(260).node(2, 64)).toEqual(plainRoot(256, 260));
    expect(grown(260).node(8, 0)).toEqual(plainRoot(0, 256));
  });

  test('gives nothing for what lies in a full tile, or is not whole yet', () => {
    expect(grown(260).node(2, 0)).toBeUndefined();
    expect(grown(259).node(2, 64)).toBeUndefined();
  });
});

test('an edge that does not belong to its size has no root', () => {
  expect(() => new LogTree([new Tile(0, 1, leaf(256))]).root).toThrow(RangeError);
});
