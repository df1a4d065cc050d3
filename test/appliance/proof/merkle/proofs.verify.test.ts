import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  consistencyNodes,
  emptyRoot,
  inclusionNodes,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '@physiclaw/proof';
import { leafAt, readHash } from './tree.ts';

const VECTORS = process.env['VECTORS'];
const notIncluded = expect.objectContaining({ code: 'PROOF_INCLUSION_INVALID' });
const notConsistent = expect.objectContaining({ code: 'PROOF_CONSISTENCY_INVALID' });

describe('an inclusion proof', () => {
  const claim = {
    leaf: leafAt(4),
    index: 4,
    size: 11,
    proof: inclusionNodes(4, 11, readHash),
    root: rootOf(11, readHash),
  };

  test('of the only leaf is empty', () => {
    const only = { leaf: leafAt(0), index: 0, size: 1, proof: [], root: leafAt(0) };
    expect(() => verifyInclusion(only)).not.toThrow();
    expect(() => verifyInclusion({ ...only, index: 1 })).toThrow(notIncluded);
  });

  test('cannot be made for an empty tree', () => {
    const root = emptyRoot();
    expect(() => verifyInclusion({ leaf: root, index: 0, size: 0, proof: [], root })).toThrow(
      notIncluded,
    );
  });

  test.each<[string, Partial<typeof claim>]>([
    ['another leaf', { leaf: leafAt(5) }],
    ['another index', { index: 5 }],
    ['an index beyond the tree', { index: 11 }],
    ['a negative index', { index: -1 }],
    ['half an index', { index: 4.5 }],
    ['another size', { size: 8 }],
    ['a size beyond 2^53', { size: 2 ** 53 }],
    ['another root', { root: rootOf(12, readHash) }],
    ['a hash less', { proof: claim.proof.slice(1) }],
    ['a hash less at the end', { proof: claim.proof.slice(0, -1) }],
    ['a hash more', { proof: [...claim.proof, leafAt(0)] }],
    ['a leaf that is no hash', { leaf: new Uint8Array(31) }],
    ['a hash cut short', { proof: claim.proof.map((hash) => hash.subarray(1)) }],
  ])('with %s is refused', (_, change) => {
    verifyInclusion(claim);
    expect(() => verifyInclusion({ ...claim, ...change })).toThrow(notIncluded);
  });

  test('cannot move bytes from a hash to its neighbour', () => {
    // Two hashes of 31 and 33 bytes join to the same 64 as two of 32.
    const whole = Uint8Array.from([...leafAt(0), ...leafAt(1)]);
    const claimed = { index: 1, size: 2, root: rootOf(2, readHash) };
    const [leaf, sibling] = [whole.subarray(31), whole.subarray(0, 31)];
    expect(() => verifyInclusion({ ...claimed, leaf, proof: [sibling] })).toThrow(notIncluded);
    expect(() => verifyInclusion({ ...claimed, leaf: leafAt(1), proof: [sibling] })).toThrow(
      notIncluded,
    );
  });
});

describe('a consistency proof', () => {
  const claim = {
    from: 6,
    to: 11,
    fromRoot: rootOf(6, readHash),
    toRoot: rootOf(11, readHash),
    proof: consistencyNodes(6, 11, readHash),
  };

  test.each<[string, Partial<typeof claim>]>([
    ['another old root', { fromRoot: rootOf(5, readHash) }],
    ['another new root', { toRoot: rootOf(10, readHash) }],
    ['another old size', { from: 7 }],
    ['another new size', { to: 17 }],
    ['an empty old tree', { from: 0, fromRoot: emptyRoot() }],
    ['half a size', { from: 5.5 }],
    ['half a new size', { to: 11.5 }],
    ['the sizes swapped', { from: 11, to: 6 }],
    ['no hash', { proof: [] }],
    ['a hash less', { proof: claim.proof.slice(0, -1) }],
    ['a hash more', { proof: [...claim.proof, leafAt(0)] }],
    ['a hash cut short', { proof: claim.proof.map((hash) => hash.subarray(1)) }],
  ])('with %s is refused', (_, change) => {
    verifyConsistency(claim);
    expect(() => verifyConsistency({ ...claim, ...change })).toThrow(notConsistent);
  });

  test('from an empty tree is refused whatever its hashes are', () => {
    const root = emptyRoot();
    const useless = { from: 0, to: 1, fromRoot: root, toRoot: root, proof: [root] };
    expect(() => verifyConsistency(useless)).toThrow(notConsistent);
  });

  test('between equal sizes is empty and shows equal roots', () => {
    const same = { ...claim, to: 6, toRoot: claim.fromRoot, proof: [] };
    verifyConsistency(same);
    expect(() => verifyConsistency({ ...same, toRoot: claim.toRoot })).toThrow(notConsistent);
    expect(() => verifyConsistency({ ...same, proof: claim.proof })).toThrow(notConsistent);
  });
});

describe.skipIf(!VECTORS)('the vectors of transparency-dev/merkle (need VECTORS)', () => {
  const folder = join(VECTORS ?? '', 'merkle/testdata');

  test('inclusion', () => {
    const vectors = read(join(folder, 'inclusion'), InclusionVector);
    expect(vectors.length).toBeGreaterThan(90);
    for (const [name, vector] of vectors) {
      const { leafIdx: index, treeSize: size, leafHash: leaf, root, proof, wantErr } = vector;
      const held = holds(() => verifyInclusion({ leaf, index, size, proof, root }));
      expect([name, held]).toEqual([name, !wantErr]);
    }
  });

  test('consistency', () => {
    const vectors = read(join(folder, 'consistency'), ConsistencyVector);
    expect(vectors.length).toBeGreaterThan(90);
    for (const [name, vector] of vectors) {
      const { size1: from, size2: to, root1: fromRoot, root2: toRoot, proof, wantErr } = vector;
      const held = holds(() => verifyConsistency({ from, to, fromRoot, toRoot, proof }));
      expect([name, held]).toEqual([name, !wantErr]);
    }
  });
});

// The vectors are loose about base64; what is under test is the proof.
const Bytes = z
  .string()
  .nullable()
  .transform((text) => Uint8Array.from(Buffer.from(text ?? '', 'base64')));
const Proof = z
  .array(Bytes)
  .nullable()
  .transform((proof) => proof ?? []);
const InclusionVector = z.object({
  leafIdx: z.number(),
  treeSize: z.number(),
  root: Bytes,
  leafHash: Bytes,
  proof: Proof,
  wantErr: z.boolean(),
});
const ConsistencyVector = z.object({
  size1: z.number(),
  size2: z.number(),
  root1: Bytes,
  root2: Bytes,
  proof: Proof,
  wantErr: z.boolean(),
});

function read<Vector>(folder: string, schema: z.ZodType<Vector>): [string, Vector][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, schema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))]);
}

function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    // Refused, which is what half of the vectors are for.
    return false;
  }
}
