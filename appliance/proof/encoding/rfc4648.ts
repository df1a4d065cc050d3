import { ProofError } from '../error.ts';

interface Codec {
  readonly name: string;
  readonly alphabet: string;
  /** Bits that one character carries. */
  readonly bits: number;
  /** Characters that a padded text is a multiple of; 1 where there is no padding. */
  readonly group: number;
}

const HEX: Codec = { name: 'hex', alphabet: '0123456789abcdef', bits: 4, group: 1 };
const BASE32: Codec = {
  name: 'base32',
  alphabet: 'abcdefghijklmnopqrstuvwxyz234567',
  bits: 5,
  group: 1,
};
const BASE64: Codec = {
  name: 'base64',
  alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  bits: 6,
  group: 4,
};

export function encodeHex(bytes: Uint8Array): string {
  return encode(HEX, bytes);
}

/** @throws ProofError PROOF_ENCODING_INVALID unless the text is lower-case and whole. */
export function decodeHex(text: string): Uint8Array {
  return decode(HEX, text);
}

/** Lower case and without padding, as multibase `b` wants it. */
export function encodeBase32(bytes: Uint8Array): string {
  return encode(BASE32, bytes);
}

/** @throws ProofError PROOF_ENCODING_INVALID unless the text is what `encodeBase32` writes. */
export function decodeBase32(text: string): Uint8Array {
  return decode(BASE32, text);
}

export function encodeBase64(bytes: Uint8Array): string {
  return encode(BASE64, bytes);
}

/**
 * Reads canonical base64 (RFC 4648, sections 3.5 and 4): padded, no line feeds, unused bits zero.
 * So equal bytes have one text only, and nobody can change a text without changing its bytes.
 *
 * @throws ProofError PROOF_ENCODING_INVALID for any other text.
 */
export function decodeBase64(text: string): Uint8Array {
  return decode(BASE64, text);
}

function encode({ alphabet, bits, group }: Codec, bytes: Uint8Array): string {
  const digits = Math.ceil((bytes.length * 8) / bits);
  const out = new Uint8Array(Math.ceil(digits / group) * group).fill(0x3d);
  let at = 0;
  let held = 0;
  let window = 0;
  for (const byte of bytes) {
    window = ((window << 8) | byte) & 0xffff;
    for (held += 8; held >= bits; held -= bits) {
      out[at++] = alphabet.charCodeAt((window >> (held - bits)) & ((1 << bits) - 1));
    }
  }
  if (held > 0) out[at] = alphabet.charCodeAt((window << (bits - held)) & ((1 << bits) - 1));
  return new TextDecoder().decode(out);
}

function decode(codec: Codec, text: string): Uint8Array {
  const { name, alphabet, bits } = codec;
  const digits = text.replace(/={1,2}$/, '');
  const out = new Uint8Array(Math.floor((digits.length * bits) / 8));
  const values = valuesOf(alphabet);
  let at = 0;
  let held = 0;
  let window = 0;
  for (let index = 0; index < digits.length; index++) {
    const value = values[digits.charCodeAt(index)] ?? -1;
    if (value < 0) throw new ProofError('PROOF_ENCODING_INVALID', `no ${name}: at ${index}`);
    window = ((window << bits) | value) & 0xffff;
    held += bits;
    if (held >= 8) out[at++] = (window >> (held -= 8)) & 0xff;
  }
  // Whatever the loop let pass (padding, unused bits, a digit too many) is not what we would write.
  const unused = window & ((1 << held) - 1);
  if (unused !== 0 || held >= bits || text.length !== lengthOf(codec, out.length)) {
    throw new ProofError('PROOF_ENCODING_INVALID', `${name} is not canonical`);
  }
  return out;
}

function lengthOf({ bits, group }: Codec, bytes: number): number {
  return Math.ceil(Math.ceil((bytes * 8) / bits) / group) * group;
}

const tables = new Map<string, Int8Array>();

function valuesOf(alphabet: string): Int8Array {
  const known = tables.get(alphabet);
  if (known) return known;
  const table = new Int8Array(128).fill(-1);
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  tables.set(alphabet, table);
  return table;
}
