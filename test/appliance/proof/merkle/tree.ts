import { hashChildren, hashLeaf, type HashReader } from '@physiclaw/proof';

/** The hash of leaf `index` of every tree here. */
export function leafAt(index: number): Uint8Array {
  return hashLeaf(new TextEncoder().encode(`entry ${index}`));
}

/** Reads whole subtrees of the tree over some leaf hashes. */
export function treeOver(leaf: (index: number) => Uint8Array): HashReader {
  const read: HashReader = (level, index) =>
    level === 0
      ? leaf(index)
      : hashChildren(read(level - 1, index * 2), read(level - 1, index * 2 + 1));
  return read;
}

export const readHash = treeOver(leafAt);

/** The root as RFC 6962, section 2.1, defines it, word by word. */
export function definedRoot(start: number, end: number): Uint8Array {
  if (end - start === 1) return leafAt(start);
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  return hashChildren(definedRoot(start, start + width), definedRoot(start + width, end));
}
