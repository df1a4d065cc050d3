import { expect, test } from 'vitest';
import { digestOf, sha256 } from '@physiclaw/proof';
import { concat, sameBytes, textOf, utf8 } from '#appliance/proof/encoding/bytes.ts';

const refused = expect.objectContaining({ code: 'PROOF_TEXT_INVALID' });

test('a text with a lone surrogate has no bytes, so it shares none with another', () => {
  expect(() => utf8('\ud800')).toThrow(refused);
  expect(() => digestOf('a\udc00')).toThrow(refused);
});

test('bytes that are not UTF-8 are no text', () => {
  expect(() => textOf(Uint8Array.of(0xff))).toThrow(refused);
});

test('a byte order mark is part of the text', () => {
  expect(textOf(utf8('\ufeffa'))).toBe('\ufeffa');
});

test('bytes are joined in order', () => {
  expect(concat([Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)])).toEqual(
    Uint8Array.of(1, 2, 3),
  );
});

test('bytes differ by length and by content', () => {
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
});

test('a digest is SHA-256 of the bytes, of a text its UTF-8', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(digestOf('abc')).toBe(abc);
  expect(digestOf(utf8('abc'))).toBe(abc);
  expect(sha256('abc').constructor).toBe(Uint8Array);
});
