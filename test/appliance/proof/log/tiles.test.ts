import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle, entriesPath, tilePath } from '@physiclaw/proof';

const refused = expect.objectContaining({ code: 'PROOF_TILE_INVALID' });

describe('names of C2SP tlog-tiles', () => {
  test.each([
    [0, 0, 256, 'tile/0/000'],
    [1, 999, 256, 'tile/1/999'],
    [0, 1000, 256, 'tile/0/x001/000'],
    [3, 1_234_067, 256, 'tile/3/x001/x234/067'],
    [63, 273, 1, 'tile/63/273.p/1'],
    [2, 12_345, 255, 'tile/2/x012/345.p/255'],
  ])('level %d, tile %d, width %d is %s', (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path);
  });

  test('entry bundles have a folder of their own', () => {
    expect(entriesPath(1_234_067)).toBe('tile/entries/x001/x234/067');
    expect(entriesPath(0, 7)).toBe('tile/entries/000.p/7');
  });

  test.each([
    [-1, 0, 256],
    [64, 0, 256],
    [0.5, 0, 256],
    [0, -1, 256],
    [0, 2 ** 53, 256],
    [0, 0, 0],
    [0, 0, 257],
    [0, 0, 1.5],
  ])('level %d, tile %d, width %d has none', (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow(refused);
  });
});

describe('an entry bundle', () => {
  test('has each entry behind its length', () => {
    const bundle = encodeBundle([new Uint8Array(258).fill(7), new Uint8Array(), Uint8Array.of(9)]);
    expect([...bundle.subarray(0, 3)]).toEqual([1, 2, 7]);
    expect([...bundle.subarray(260)]).toEqual([0, 0, 0, 1, 9]);
  });

  test('gives back every list of entries', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (entries) => {
        expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
      }),
    );
  });

  test('that is cut anywhere but between entries is refused', () => {
    const bundle = encodeBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    expect(decodeBundle(bundle.subarray(0, 5))).toEqual([Uint8Array.of(1, 2, 3)]);
    for (const length of [1, 2, 3, 4, 6, 7]) {
      expect(() => decodeBundle(bundle.subarray(0, length))).toThrow(refused);
    }
  });

  test('holds 256 entries of at most 65,535 bytes', () => {
    const entries = Array.from({ length: 256 }, () => Uint8Array.of(1));
    const longest = new Uint8Array(65_535);
    expect(decodeBundle(encodeBundle(entries))).toEqual(entries);
    expect(decodeBundle(encodeBundle([longest]))).toEqual([longest]);
    expect(() => encodeBundle([...entries, Uint8Array.of(1)])).toThrow(refused);
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(refused);
    expect(() => decodeBundle(new Uint8Array(2 * 257))).toThrow(refused);
  });
});
