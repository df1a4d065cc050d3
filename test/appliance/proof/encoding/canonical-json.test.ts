import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize, parseCanonical } from '@physiclaw/proof';

const refused = expect.objectContaining({ code: 'PROOF_JSON_INVALID' });

describe('canonical JSON', () => {
  test('sorts keys by UTF-16 code units, as RFC 8785, section 3.2.3, shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(canonicalize(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control",' +
        '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
        '"\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  test('writes the example of RFC 8785, section 3.2.2, byte for byte', () => {
    const example = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalize(JSON.parse(example))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('a minus zero is a zero', () => {
    expect(canonicalize(-0)).toBe('0');
  });

  test.each([
    ['undefined', undefined],
    ['undefined in an object', { a: undefined }],
    ['a hole in an array', Array.from({ length: 3 }).fill(1, 0, 1)],
    ['NaN', Number.NaN],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
  ])('%s is refused', (_, value) => {
    expect(() => canonicalize(value)).toThrow(refused);
  });

  test('an object of another realm or without a prototype is plain too', () => {
    expect(canonicalize(runInNewContext('({ a: [1] })'))).toBe('{"a":[1]}');
    expect(canonicalize(runInNewContext('Object.assign(Object.create(null), { a: 1 })'))).toBe(
      '{"a":1}',
    );
  });

  test('a key named __proto__ is a key like any other', () => {
    expect(canonicalize(parseCanonical('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });

  test('nesting beyond 128 is refused before it ends the stack', () => {
    expect(canonicalize(nested(129))).toHaveLength(258);
    expect(() => canonicalize(nested(130))).toThrow(refused);
    expect(() => parseCanonical(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toThrow(refused);
  });

  test.each([
    ['a space', '{"a": 1}'],
    ['keys out of order', '{"b":1,"a":1}'],
    ['a key twice', '{"a":1,"a":1}'],
    ['a number in other words', '1.0'],
    ['a minus zero', '-0'],
    ['a number beyond doubles', '1e400'],
    ['a needless escape', '"\\u0041"'],
    ['an escaped lone surrogate', '"\\ud800"'],
    ['a byte order mark', '\ufeff1'],
    ['a line feed at the end', '1\n'],
    ['no JSON', '{'],
  ])('%s is not canonical', (_, text) => {
    expect(() => parseCanonical(text)).toThrow(refused);
  });

  test('every JSON value comes back from its canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(parseCanonical(canonicalize(plain))).toEqual(plain);
      }),
    );
  });
});

function nested(depth: number): unknown {
  return depth === 1 ? [] : [nested(depth - 1)];
}
