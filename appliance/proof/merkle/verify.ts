import { sameBytes } from '../encoding/bytes.ts';
import { type ProofCode, ProofError } from '../error.ts';
import { hashChildren } from './hash.ts';

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
  const refuse = (why: string): never => fail('PROOF_INCLUSION_INVALID', why);
  if (!isSize(index) || !isSize(size) || index >= size) refuse(`${index} is not below ${size}`);
  if (leaf.length !== 32) refuse('a hash has 32 bytes');
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) refuse('the proof is too long');
    if (sibling.length !== 32) refuse('a hash has 32 bytes');
    if (node % 2 === 1 || node === last) {
      hash = hashChildren(sibling, hash);
      // A last node without sibling is carried up unhashed, to where it is a right child.
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = hashChildren(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) refuse('the proof is too short');
  if (!sameBytes(hash, root)) refuse('the proof leads to another root');
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
  const refuse = (why: string): never => fail('PROOF_CONSISTENCY_INVALID', why);
  if (!isSize(from) || !isSize(to) || from === 0 || from > to) refuse(`no way from ${from} to ${to}`);
  if (proof.some((hash) => hash.length !== 32)) refuse('a hash has 32 bytes');
  if (from === to) {
    if (proof.length > 0) refuse('the proof is too long');
    if (!sameBytes(fromRoot, toRoot)) refuse('one size has two roots');
    return;
  }
  // A whole older tree is a node of the newer one, and its root goes unsaid in the proof.
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  const [older, newer] = climb(path, from - 1, to - 1) ?? refuse('the proof has the wrong length');
  if (!sameBytes(older, fromRoot)) refuse('the proof leads to another old root');
  if (!sameBytes(newer, toRoot)) refuse('the proof leads to another new root');
}

/** The roots, older and newer, that a consistency proof leads to; nothing if its length is wrong. */
function climb(
  [first, ...rest]: readonly Uint8Array[],
  oldLast: number,
  newLast: number,
): [Uint8Array, Uint8Array] | undefined {
  if (first === undefined) return undefined;
  let node = oldLast;
  let last = newLast;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let older = first;
  let newer = first;
  for (const sibling of rest) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      older = hashChildren(sibling, older);
      newer = hashChildren(sibling, newer);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newer = hashChildren(newer, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? [older, newer] : undefined;
}

function fail(code: ProofCode, why: string): never {
  throw new ProofError(code, why);
}

// Bit operators are for 32 bits; a log may grow to 2^53 entries.
function half(number: number): number {
  return Math.floor(number / 2);
}

function isSize(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function isPowerOfTwo(number: number): boolean {
  while (number % 2 === 0) number /= 2;
  return number === 1;
}
