import { emptyRoot, Frontier, hashChildren, hashLeaf } from '@physiclaw/proof';
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

test('a text that it did not write is refused', () => {
  expect(() => new Frontier('{"size":-1,"peaks":[]}')).toThrow('size');
});
