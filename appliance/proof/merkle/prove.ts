import { ProofError } from '../error.ts';
import { emptyRoot, hashChildren } from './hash.ts';

/** Root of the whole subtree over the 2^level leaves from `index · 2^level` on. */
export type HashReader = (level: number, index: number) => Uint8Array;

/** Root of the first `size` leaves (RFC 6962, section 2.1). */
export function rootOf(size: number, read: HashReader): Uint8Array {
  return size === 0 ? emptyRoot() : subtree(0, size, read);
}

/**
 * Inclusion proof of the leaf at `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
 *
 * @throws ProofError PROOF_INCLUSION_INVALID when there is no such leaf.
 */
export function inclusionNodes(index: number, size: number, read: HashReader): Uint8Array[] {
  if (!Number.isSafeInteger(size) || !Number.isInteger(index) || index < 0 || index >= size) {
    throw new ProofError('PROOF_INCLUSION_INVALID', `no leaf ${index} in a tree of ${size}`);
  }
  return pathTo(index, index + 1, size, read);
}

/**
 * Consistency proof between two sizes of a tree (RFC 6962, section 2.1.2).
 *
 * @throws ProofError PROOF_CONSISTENCY_INVALID unless `from` is at least 1 and at most `to`.
 */
export function consistencyNodes(from: number, to: number, read: HashReader): Uint8Array[] {
  if (!Number.isSafeInteger(to) || !Number.isInteger(from) || from < 1 || from > to) {
    throw new ProofError('PROOF_CONSISTENCY_INVALID', `no way from ${from} to ${to}`);
  }
  if (from === to) return [];
  // The last whole subtree of the older tree leads, unless it is all of it: that root is known.
  let width = 1;
  while (from % (width * 2) === 0) width *= 2;
  const start = from - width;
  return [...(start > 0 ? [subtree(start, from, read)] : []), ...pathTo(start, from, to, read)];
}

/** The siblings on the way from the node over `[first, end)` up to the root. */
function pathTo(first: number, end: number, size: number, read: HashReader): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  let [left, right] = [0, size];
  while (left !== first || right !== end) {
    const middle = left + split(right - left);
    if (first < middle) {
      nodes.unshift(subtree(middle, right, read));
      right = middle;
    } else {
      nodes.unshift(subtree(left, middle, read));
      left = middle;
    }
  }
  return nodes;
}

function subtree(start: number, end: number, read: HashReader): Uint8Array {
  const width = end - start;
  const left = split(width);
  if (width === 1 || left * 2 === width) return read(Math.round(Math.log2(width)), start / width);
  return hashChildren(subtree(start, start + left, read), subtree(start + left, end, read));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}
