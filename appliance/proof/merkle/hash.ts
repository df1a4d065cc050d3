import { sha256Of } from '#crypto';
import { concat } from '../encoding/bytes.ts';

// RFC 6962, section 2.1: distinct prefixes keep a leaf from being passed off as a node.
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** Hash of one entry's bytes. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256Of(concat(LEAF, entry));
}

export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Of(concat(NODE, left, right));
}

/** Root of a tree without entries. */
export function emptyRoot(): Uint8Array {
  return sha256Of(new Uint8Array());
}
