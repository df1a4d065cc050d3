import {
  emptyRoot,
  encodeBase64,
  Frontier,
  hashChildren,
  hashLeaf,
  type HashReader,
  inclusionNodes,
} from '@physiclaw/proof';
import { expect, test } from 'vitest';

const leaves = Array.from({ length: 70 }, (_, index) => hashLeaf(Buffer.from(`${index}`)));

/** RFC 6962, section 2.1, word by word. */
function rootOf(part: readonly Uint8Array[]): Uint8Array {
  if (part.length <= 1) return part[0] ?? emptyRoot();
  const half = 2 ** Math.ceil(Math.log2(part.length) - 1);
  return hashChildren(rootOf(part.slice(0, half)), rootOf(part.slice(half)));
}

test('has the root of RFC 6962 at every size, also where it went on from its own text', () => {
  let frontier = new Frontier();
  expect(frontier.root).toEqual(rootOf([]));

  for (const [index, leaf] of leaves.entries()) {
    frontier.add(leaf);
    expect(Buffer.from(frontier.root)).toEqual(Buffer.from(rootOf(leaves.slice(0, index + 1))));
    frontier = new Frontier(String(frontier));
  }
  expect(frontier.size).toBe(leaves.length);
});

test('stands in each proof as the tree before the entry', () => {
  for (const size of [1, 2, 3, 7, 8, 33, 70]) {
    const read: HashReader = (level, at) =>
      rootOf(leaves.slice(0, size).slice(at * 2 ** level, (at + 1) * 2 ** level));
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionNodes(index, size, read).map(encodeBase64);
      const before = Frontier.before({ index, size }, proof);

      expect(before.size).toBe(index);
      expect(Buffer.from(before.root)).toEqual(Buffer.from(rootOf(leaves.slice(0, index))));
    }
  }
});

test('a text that it did not write is refused', () => {
  expect(() => new Frontier('{"size":-1,"peaks":[]}')).toThrow('size');
});

const texts = Array.from({ length: 600 }, (_, index) => `${index}`);
const hashes = texts.map((text) => hashLeaf(Buffer.from(text)));
const tree = (size: number) => ({ size, root: rootOf(hashes.slice(0, size)) });
const page = (from: number, count: number) => Promise.resolve(texts.slice(from, from + count));
const nothing = () => Promise.resolve([]);
const everything = () => Promise.resolve(texts);

test('follows a log, page by page, and leaves itself where it was', async () => {
  const first = await new Frontier().follow(tree(10), page);
  const rest = await first?.frontier.follow(tree(600), page);

  expect(first?.entries).toEqual(texts.slice(0, 10));
  expect(first?.frontier.size).toBe(10);
  expect(rest?.entries).toEqual(texts.slice(10));
  expect(rest?.frontier.size).toBe(600);
});

test('is followed to nothing of a log whose entries are not those of the tree', async () => {
  expect(await new Frontier().follow(tree(600), changed)).toBeUndefined();
});

test('is followed to nothing of a log that ends too early, and takes no more than it asked for', async () => {
  expect(await new Frontier().follow(tree(10), nothing)).toBeUndefined();
  expect((await new Frontier().follow(tree(10), everything))?.entries).toHaveLength(10);
});

async function changed(from: number, count: number): Promise<string[]> {
  const read = await page(from, count);
  return read.map((text) => (text === '300' ? 'other' : text));
}
