import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '@physiclaw/proof';
import { decodeBase32, encodeBase32 } from '#appliance/proof/encoding/rfc4648.ts';

const refused = expect.objectContaining({ code: 'PROOF_ENCODING_INVALID' });
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('base64', () => {
  test.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes %j as RFC 4648, section 10, does', (text, encoded) => {
    expect(encodeBase64(bytesOf(text))).toBe(encoded);
    expect(decodeBase64(encoded)).toEqual(bytesOf(text));
  });

  test.each(['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Zm9v====', 'Zg==Zg==', 'Z===', '=', 'Zm9v\n', 'Zm 9v'])(
    '%j is another text for the same bytes, or none, and refused',
    (text) => {
      expect(() => decodeBase64(text)).toThrow(refused);
    },
  );

  test.each(['Zm9-', 'Zm9_', 'Zm9é', '\u0000\u0000\u0000\u0000'])('%j is refused', (text) => {
    expect(() => decodeBase64(text)).toThrow(refused);
  });

  test('agrees with Node on all bytes, and takes no other text for them', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  test('what is read is what is written again', () => {
    const digit = fc.constantFrom('A', 'Q', 'g', 'Z', 'm', '9', 'v', '+', '/', '=');
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 8 }), (text) => {
        expect(attempt(() => encodeBase64(decodeBase64(text))) ?? text).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('hex and base32', () => {
  test('come back from their texts', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(['0', 'AA', '0g', '00 '])('%j is no hex', (text) => {
    expect(() => decodeHex(text)).toThrow(refused);
  });

  test.each(['MY', 'mz', 'a', 'mza', 'mzxw6===', 'm1'])('%j is no base32', (text) => {
    expect(() => decodeBase32(text)).toThrow(refused);
  });

  test('base32 is that of RFC 4648, section 10, in lower case', () => {
    expect(encodeBase32(bytesOf('foobar'))).toBe('mzxw6ytboi');
  });
});

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    // Refused: nothing to compare.
    return undefined;
  }
}
