import { demand } from '../error.ts';
import { textOf } from './bytes.ts';

const CODE = 'PROOF_ENCODING_INVALID';
const HEX = '0123456789abcdef';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeHex(bytes: Uint8Array): string {
  return encode(bytes, HEX, 4);
}

/** @throws ProofError PROOF_ENCODING_INVALID unless the text is lower-case and whole. */
export function decodeHex(text: string): Uint8Array {
  return decode(text, HEX, 4);
}

/** Lower case and without padding, as multibase `b` wants it. */
export function encodeBase32(bytes: Uint8Array): string {
  return encode(bytes, BASE32, 5);
}

/** @throws ProofError PROOF_ENCODING_INVALID unless the text is what `encodeBase32` writes. */
export function decodeBase32(text: string): Uint8Array {
  return decode(text, BASE32, 5);
}

export function encodeBase64(bytes: Uint8Array): string {
  const digits = encode(bytes, BASE64, 6);
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}

/**
 * Reads canonical base64 (RFC 4648, sections 3.5 and 4): padded, no line feeds, unused bits zero.
 * So equal bytes have one text only, and nobody can change a text without changing its bytes.
 *
 * @throws ProofError PROOF_ENCODING_INVALID for any other text.
 */
export function decodeBase64(text: string): Uint8Array {
  demand(text.length % 4 === 0, CODE, 'base64 is not padded');
  return decode(text.replace(/={1,2}$/, ''), BASE64, 6);
}

function encode(bytes: Uint8Array, alphabet: string, bits: number): string {
  const mask = (1 << bits) - 1;
  const digits = new Uint8Array(Math.ceil((bytes.length * 8) / bits));
  let [window, held, at] = [0, 0, 0];
  for (const byte of bytes) {
    window = ((window & 0xff) << 8) | byte;
    for (held += 8; held >= bits; held -= bits) {
      digits[at++] = alphabet.charCodeAt((window >> (held - bits)) & mask);
    }
  }
  if (held > 0) digits[at] = alphabet.charCodeAt((window << (bits - held)) & mask);
  return textOf(digits);
}

function decode(text: string, alphabet: string, bits: number): Uint8Array {
  const values = new Map(Array.from(alphabet, (digit, value) => [digit.charCodeAt(0), value]));
  const bytes = new Uint8Array(Math.floor((text.length * bits) / 8));
  let [window, held, at] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const value = values.get(text.charCodeAt(index));
    demand(value !== undefined, CODE, 'a character of another alphabet');
    window = ((window & 0xff) << bits) | value;
    held += bits;
    if (held >= 8) bytes[at++] = window >> (held -= 8);
  }
  // A digit too many, or unused bits that are not zero: another text says the same bytes.
  const canonical = held < bits && (window & ((1 << held) - 1)) === 0;
  demand(canonical, CODE, 'the text is not canonical');
  return bytes;
}
