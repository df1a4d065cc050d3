import { sha256Of } from '#crypto';
import { concat, sameBytes } from '../encoding/bytes.ts';
import { demand, type ProofCode } from '../error.ts';

// RFC 6962, section 2.1: distinct prefixes keep a leaf from being passed off as a node.
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);
const INCLUSION = 'PROOF_INCLUSION_INVALID';
const CONSISTENCY = 'PROOF_CONSISTENCY_INVALID';

/** Root of the whole subtree over the 2^level leaves from `index · 2^level` on. */
export type HashReader = (level: number, index: number) => Uint8Array;

/** Hash of one entry's bytes. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256Of(concat([LEAF, entry]));
}

export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Of(concat([NODE, left, right]));
}

/** Root of the first `size` leaves (RFC 6962, section 2.1). */
export function rootOf(size: number, read: HashReader): Uint8Array {
  return size === 0 ? emptyRoot() : subtree(0, size, read);
}

/** Root of a tree without entries. */
export function emptyRoot(): Uint8Array {
  return sha256Of(new Uint8Array());
}

/**
 * Inclusion proof of the leaf at `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
 *
 * @throws ProofError PROOF_INCLUSION_INVALID when there is no such leaf.
 */
export function inclusionNodes(index: number, size: number, read: HashReader): Uint8Array[] {
  demandLeaf(index, size);
  return pathTo(index, index + 1, size, read);
}

/**
 * Consistency proof between two sizes of a tree (RFC 6962, section 2.1.2).
 *
 * @throws ProofError PROOF_CONSISTENCY_INVALID unless `from` is at least 1 and at most `to`.
 */
export function consistencyNodes(from: number, to: number, read: HashReader): Uint8Array[] {
  demandSizes(from, to);
  if (from === to) return [];
  // The last whole subtree of the older tree leads, unless it is all of it: that root is known.
  let width = 1;
  while (from % (width * 2) === 0) width *= 2;
  const start = from - width;
  return [...(start > 0 ? [subtree(start, from, read)] : []), ...pathTo(start, from, to, read)];
}

/**
 * Shows that the leaf hash stands at `index` in the tree of `size` leaves under `root`
 * (RFC 9162, section 2.1.3.2).
 *
 * @throws ProofError PROOF_INCLUSION_INVALID when the proof does not show it.
 */
export function verifyInclusion(claim: {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}): void {
  const { leaf, index, size, proof, root } = claim;
  demandLeaf(index, size);
  const { newer } = climb([leaf, ...proof], index, size - 1, INCLUSION);
  demand(sameBytes(newer, root), INCLUSION, 'the proof leads to another root');
}

/**
 * Shows that the tree of `to` leaves is the tree of `from` leaves with nothing changed and
 * something appended (RFC 9162, section 2.1.4.2).
 *
 * @throws ProofError PROOF_CONSISTENCY_INVALID when the proof does not show it, and for `from` 0:
 *   every tree continues the empty one, so there is nothing to show and nothing to ask.
 */
export function verifyConsistency(claim: {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): void {
  const { from, to, fromRoot, toRoot, proof } = claim;
  demandSizes(from, to);
  if (from === to) {
    demand(proof.length === 0, CONSISTENCY, 'the proof has the wrong length');
    return demand(sameBytes(fromRoot, toRoot), CONSISTENCY, 'one size has two roots');
  }
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // An older tree that is whole is a node of the newer one, and its root goes unsaid in the proof.
  const path = node === 0 ? [fromRoot, ...proof] : proof;
  const { older, newer } = climb(path, node, last, CONSISTENCY);
  demand(sameBytes(older, fromRoot), CONSISTENCY, 'the proof leads to another old root');
  demand(sameBytes(newer, toRoot), CONSISTENCY, 'the proof leads to another new root');
}

function demandLeaf(index: number, size: number): void {
  const inside =
    Number.isSafeInteger(size) && Number.isInteger(index) && 0 <= index && index < size;
  demand(inside, INCLUSION, `no leaf ${index} in a tree of ${size}`);
}

function demandSizes(from: number, to: number): void {
  const grown = Number.isSafeInteger(to) && Number.isInteger(from) && 1 <= from && from <= to;
  demand(grown, CONSISTENCY, `no way from ${from} to ${to}`);
}

/** The siblings on the way from the node over `[first, end)` up to the root. */
function pathTo(first: number, end: number, size: number, read: HashReader): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  let [left, right] = [0, size];
  while (left !== first || right !== end) {
    const middle = left + split(right - left);
    const goesLeft = first < middle;
    nodes.unshift(goesLeft ? subtree(middle, right, read) : subtree(left, middle, read));
    [left, right] = goesLeft ? [left, middle] : [middle, right];
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

/**
 * Climbs from a node, in a level whose last node is `last`, to the root. `newer` takes in every
 * hash of the path, `older` only those to the left: the tree as it was when the node was its last.
 */
function climb(path: readonly Uint8Array[], start: number, end: number, code: ProofCode) {
  const whole = path.every(({ length }) => length === 32);
  demand(whole, code, 'a hash of the proof has not 32 bytes');
  const [first, ...rest] = path;
  demand(first !== undefined, code, 'the proof is too short');
  let [node, last, older, newer] = [start, end, first, first];
  for (const sibling of rest) {
    demand(last !== 0, code, 'the proof is too long');
    if (node % 2 === 1 || node === last) {
      older = hashChildren(sibling, older);
      newer = hashChildren(sibling, newer);
      // A last node without sibling is carried up unhashed, to where it is a right child.
      while (node % 2 === 0) [node, last] = [half(node), half(last)];
    } else {
      newer = hashChildren(newer, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  demand(last === 0, code, 'the proof is too short');
  return { older, newer };
}

// Bit operators are for 32 bits; a log may grow to 2^53 entries.
function half(number: number): number {
  return Math.floor(number / 2);
}
