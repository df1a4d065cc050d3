import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyNodes,
  emptyRoot,
  hashChildren,
  inclusionNodes,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '@physiclaw/proof';
import { definedRoot, leafAt, readHash } from './tree.ts';

const SIZES = Array.from({ length: 33 }, (_, at) => at + 1);

describe('a tree', () => {
  test('has the root that RFC 6962 defines', () => {
    expect(rootOf(0, readHash)).toEqual(emptyRoot());
    for (const size of SIZES) expect(rootOf(size, readHash)).toEqual(definedRoot(0, size));
  });

  test('shows each of its leaves, whatever its size', () => {
    for (const size of SIZES) {
      const root = rootOf(size, readHash);
      for (let index = 0; index < size; index++) {
        const proof = inclusionNodes(index, size, readHash);
        const claim = { leaf: leafAt(index), index, size, proof, root };
        expect(() => verifyInclusion(claim)).not.toThrow();
      }
    }
  });

  test('shows that it continues each of the trees before it', () => {
    for (const to of SIZES) {
      for (let from = 1; from <= to; from++) {
        const proof = consistencyNodes(from, to, readHash);
        const [fromRoot, toRoot] = [rootOf(from, readHash), rootOf(to, readHash)];
        const claim = { from, to, fromRoot, toRoot, proof };
        expect(() => verifyConsistency(claim)).not.toThrow();
      }
    }
  });

  test('asks for whole subtrees within its size only', () => {
    const asked: [number, number][] = [];
    inclusionNodes(5, 13, (level, index) => {
      asked.push([level, index]);
      return readHash(level, index);
    });
    expect(asked.every(([level, index]) => (index + 1) * 2 ** level <= 13)).toBe(true);
  });

  test('can be larger than 2^32', () => {
    // All leaves alike: then a whole subtree's hash depends on its height alone.
    const hashes = [leafAt(0)];
    for (const hash of hashes) if (hashes.length < 54) hashes.push(hashChildren(hash, hash));
    const read = (level: number): Uint8Array => hashes[level] ?? emptyRoot();
    const place = fc.tuple(
      fc.integer({ min: 2, max: 2 ** 52 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
    );
    fc.assert(
      fc.property(place, ([to, part]) => {
        const index = Math.floor(to * part);
        const root = rootOf(to, read);
        const proof = inclusionNodes(index, to, read);
        const claim = { leaf: leafAt(0), index, size: to, proof, root };
        expect(() => verifyInclusion(claim)).not.toThrow();
        const from = index + 1;
        const between = consistencyNodes(from, to, read);
        const fromRoot = rootOf(from, read);
        const step = { from, to, fromRoot, toRoot: root, proof: between };
        expect(() => verifyConsistency(step)).not.toThrow();
      }),
    );
  });

  test.each([
    [0, 0],
    [3, 3],
    [-1, 3],
    [0.5, 3],
    [Number.NaN, 3],
    [0, Number.POSITIVE_INFINITY],
  ])('has no proof of leaf %d of %d', (index, size) => {
    expect(() => inclusionNodes(index, size, readHash)).toThrow(
      expect.objectContaining({ code: 'PROOF_INCLUSION_INVALID' }),
    );
  });

  test.each([
    [0, 0],
    [0, 3],
    [4, 3],
    [1.5, 3],
    [Number.NaN, 3],
    [1, Number.POSITIVE_INFINITY],
  ])('has no proof from %d to %d', (from, to) => {
    expect(() => consistencyNodes(from, to, readHash)).toThrow(
      expect.objectContaining({ code: 'PROOF_CONSISTENCY_INVALID' }),
    );
  });
});
