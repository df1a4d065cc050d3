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
  const code = 'PROOF_INCLUSION_INVALID';
  demand(isSize(index) && isSize(size) && index < size, code, `${index} is not below ${size}`);
  const { newer } = climb([leaf, ...proof], index, size - 1, code);
  demand(sameBytes(newer, root), code, 'the proof leads to another root');
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
  const code = 'PROOF_CONSISTENCY_INVALID';
  demand(
    isSize(from) && isSize(to) && from > 0 && from <= to,
    code,
    `no way from ${from} to ${to}`,
  );
  if (from === to) {
    demand(proof.length === 0, code, 'the proof has the wrong length');
    demand(sameBytes(fromRoot, toRoot), code, 'one size has two roots');
    return;
  }
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // An older tree that is whole is a node of the newer one, and its root goes unsaid in the proof.
  const { older, newer } = climb(node === 0 ? [fromRoot, ...proof] : proof, node, last, code);
  demand(sameBytes(older, fromRoot), code, 'the proof leads to another old root');
  demand(sameBytes(newer, toRoot), code, 'the proof leads to another new root');
}

/**
 * Climbs from a node, in a level whose last node is `last`, to the root. `newer` takes in every
 * hash of the path, `older` only those to the left: the tree as it was when the node was its last.
 */
function climb(
  [first, ...rest]: readonly Uint8Array[],
  start: number,
  end: number,
  code: ProofCode,
): { older: Uint8Array; newer: Uint8Array } {
  let [node, last] = [start, end];
  let [older, newer] = [hashIn(first, code), hashIn(first, code)];
  for (const sibling of rest) {
    demand(last !== 0, code, 'the proof is too long');
    if (node % 2 === 1 || node === last) {
      older = hashChildren(hashIn(sibling, code), older);
      newer = hashChildren(sibling, newer);
      // A last node without sibling is carried up unhashed, to where it is a right child.
      while (node % 2 === 0) [node, last] = [half(node), half(last)];
    } else {
      newer = hashChildren(newer, hashIn(sibling, code));
    }
    [node, last] = [half(node), half(last)];
  }
  demand(last === 0, code, 'the proof is too short');
  return { older, newer };
}

function hashIn(bytes: Uint8Array | undefined, code: ProofCode): Uint8Array {
  if (bytes?.length !== 32) throw new ProofError(code, 'a hash of the proof has not 32 bytes');
  return bytes;
}

function demand(holds: boolean, code: ProofCode, why: string): void {
  if (!holds) throw new ProofError(code, why);
}

// Bit operators are for 32 bits; a log may grow to 2^53 entries.
function half(number: number): number {
  return Math.floor(number / 2);
}

function isSize(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}
