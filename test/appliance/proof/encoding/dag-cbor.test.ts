import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeHex, encodeHex } from '@physiclaw/proof';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';
import { type Cbor, decodeCbor, encodeCbor } from '#appliance/proof/encoding/dag-cbor.ts';

const refused = expect.objectContaining({ code: 'PROOF_CBOR_INVALID' });
const anything = z.custom<Cbor>();
const link = Cid.of(Uint8Array.of(0xa0));

describe('DAG-CBOR', () => {
  // RFC 8949, appendix A, as far as DAG-CBOR has it.
  test.each<[Cbor, string]>([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65_535, '19ffff'],
    [65_536, '1a00010000'],
    [4_294_967_295, '1affffffff'],
    [4_294_967_296, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [-1, '20'],
    [-24, '37'],
    [-25, '3818'],
    [-1000, '3903e7'],
    [1.1, 'fb3ff199999999999a'],
    [-4.1, 'fbc010666666666666'],
    [1e300, 'fb7e37e43c8800759c'],
    [false, 'f4'],
    [true, 'f5'],
    [null, 'f6'],
    ['', '60'],
    ['ü', '62c3bc'],
    [Uint8Array.of(1, 2, 3, 4), '4401020304'],
    [[], '80'],
    [[1, [2, 3]], '8201820203'],
    [{}, 'a0'],
    [{ b: 1, aa: 2, a: 3 }, 'a361610361620162616102'],
    [link, `d82a582500${encodeHex(link.bytes)}`],
  ])('%j is %s', (content, hex) => {
    expect(encodeHex(encodeCbor(content))).toBe(hex);
    expect(decodeCbor(decodeHex(hex))).toEqual(content);
  });

  test('long heads carry long lengths', () => {
    expect(encodeHex(encodeCbor('a'.repeat(300)).subarray(0, 3))).toBe('79012c');
    expect(decodeCbor(encodeCbor(Array.from({ length: 130_000 }, () => 0)))).toHaveLength(130_000);
  });

  test.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a bigint', 1n],
  ])('%s has no encoding', (_, content) => {
    expect(() => encodeCbor(anything.parse(content))).toThrow(refused);
  });

  test.each([
    ['an integer in a longer head', '1817'],
    ['a length in a longer head', '780161'],
    ['keys in another order', 'a2616201616101'],
    ['a longer key first', 'a262616101616201'],
    ['a key twice', 'a2616101616102'],
    ['a key that is no text', 'a10101'],
    ['a whole number as a float', 'fb3ff0000000000000'],
    ['a minus zero', 'fb8000000000000000'],
    ['NaN', 'fb7ff8000000000000'],
    ['a float of 16 bits', 'f93c00'],
    ['a float of 32 bits', 'fa3fc00000'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['an integer beyond 2^53', '1b0020000000000000'],
    ['a negative integer beyond 2^53', '3b001fffffffffffff'],
    ['a list without its length', '9f01ff'],
    ['a text without its length', '7f6161ff'],
    ['another tag', 'c11a514b67b0'],
    ['a link that is no bytes', 'd82a00'],
    ['a link without its zero byte', 'd82a4101'],
    ['two values', '0000'],
    ['nothing', ''],
    ['half a head', '19'],
    ['a text cut short', '6261'],
    ['a list cut short', '8200'],
    ['a list that claims a billion items', '9a3b9aca00'],
    ['a map that claims a billion members', 'ba3b9aca00'],
  ])('%s is refused', (_, hex) => {
    expect(() => decodeCbor(decodeHex(hex))).toThrow(refused);
  });

  test('a text that is not UTF-8 is refused', () => {
    expect(() => decodeCbor(decodeHex('61ff'))).toThrow(
      expect.objectContaining({ code: 'PROOF_TEXT_INVALID' }),
    );
  });

  test('nesting beyond 64 is refused before it ends the stack', () => {
    expect(decodeCbor(decodeHex(`${'81'.repeat(64)}00`))).toBeInstanceOf(Array);
    expect(() => decodeCbor(decodeHex(`${'81'.repeat(65)}00`))).toThrow(refused);
    expect(() => decodeCbor(decodeHex(`${'81'.repeat(100_000)}00`))).toThrow(refused);
  });

  test('a key named __proto__ is a key like any other', () => {
    const bytes = encodeCbor(anything.parse(JSON.parse('{"__proto__":1}')));
    expect(Object.keys(decodeCbor(bytes) ?? {})).toEqual(['__proto__']);
  });

  test('every value comes back from its encoding', () => {
    fc.assert(
      fc.property(values, (content) => {
        expect(decodeCbor(encodeCbor(content))).toEqual(content);
      }),
    );
  });

  test('whatever is read is what is written again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(attempt(() => encodeCbor(decodeCbor(bytes))) ?? bytes).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

const values = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Cbor[]>(null, true, false, link),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { noNullPrototype: true }),
  ),
})).value;

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    // Refused: nothing to compare.
    return undefined;
  }
}
