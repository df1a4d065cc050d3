import { ProofError } from '../error.ts';
import { emptyRoot, hashChildren } from './hash.ts';

/** Root of the whole subtree over the leaves from `index · 2^level` up to its next sibling. */
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
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProofError('PROOF_INCLUSION_INVALID', `no leaf ${index} in a tree of ${size}`);
  }
  const nodes: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      nodes.unshift(subtree(middle, end, read));
      end = middle;
    } else {
      nodes.unshift(subtree(start, middle, read));
      start = middle;
    }
  }
  return nodes;
}

/**
 * Consistency proof between two sizes of a tree (RFC 6962, section 2.1.2).
 *
 * @throws ProofError PROOF_CONSISTENCY_INVALID unless `from` is at least 1 and at most `to`.
 */
export function consistencyNodes(from: number, to: number, read: HashReader): Uint8Array[] {
  if (!Number.isSafeInteger(from) || from < 1 || from > to) {
    throw new ProofError('PROOF_CONSISTENCY_INVALID', `no way from ${from} to ${to}`);
  }
  const nodes: Uint8Array[] = [];
  let [start, end] = [0, to];
  while (from !== end) {
    const middle = start + split(end - start);
    if (from <= middle) {
      nodes.unshift(subtree(middle, end, read));
      end = middle;
    } else {
      nodes.unshift(subtree(start, middle, read));
      start = middle;
    }
  }
  // Where the older tree is whole its root is known to who checks, so it is not sent.
  if (start > 0) nodes.unshift(subtree(start, end, read));
  return nodes;
}

function subtree(start: number, end: number, read: HashReader): Uint8Array {
  const width = split(end - start);
  if (width * 2 === end - start || end - start === 1) {
    const level = Math.round(Math.log2(end - start));
    return read(level, start / (end - start));
  }
  return hashChildren(subtree(start, start + width, read), subtree(start + width, end, read));
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}
