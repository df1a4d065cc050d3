import { demand } from '../error.ts';
import { concat, sameBytes, textOf, utf8 } from './bytes.ts';
import { sha256 } from './digest.ts';
import { decodeBase32, encodeBase32 } from './rfc4648.ts';

/** What DAG-CBOR can say and JavaScript can tell apart. */
export type Cbor = null | boolean | number | string | Uint8Array | Cid | readonly Cbor[] | CborMap;

export interface CborMap {
  readonly [key: string]: Cbor;
}

const CODE = 'PROOF_CBOR_INVALID';
const MAX_DEPTH = 64;
// RFC 8949, section 3.1.
const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE] = [0, 1, 2, 3, 4, 5, 6, 7];
const LINK = 42;
const FALSE = 0xf4;
const SIMPLES = [false, true, null];
const FLOAT64 = 0xfb;
// CIDv1, dag-cbor, sha2-256, 32 bytes.
const DAG_CBOR_SHA256 = Uint8Array.of(0x01, 0x71, 0x12, 0x20);

/** A link of DAG-CBOR. What it links to is not looked at. */
export class Cid {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @throws ProofError PROOF_ENCODING_INVALID unless the text is a base32 CID. */
  static parse(text: string): Cid {
    demand(text.startsWith('b'), 'PROOF_ENCODING_INVALID', 'not a base32 CID');
    return new Cid(decodeBase32(text.slice(1)));
  }

  /** The name of DAG-CBOR bytes. */
  static of(bytes: Uint8Array): Cid {
    return new Cid(concat([DAG_CBOR_SHA256, sha256(bytes)]));
  }

  toString(): string {
    return `b${encodeBase32(this.bytes)}`;
  }
}

/**
 * The one DAG-CBOR encoding of a value: shortest heads, keys by length and then by bytes, numbers
 * as integers where they are safe integers and as 64-bit floats otherwise.
 *
 * @throws ProofError PROOF_CBOR_INVALID for NaN, an infinity or what the type does not allow.
 */
export function encodeCbor(value: Cbor): Uint8Array {
  if (value === null || typeof value === 'boolean') {
    return Uint8Array.of(FALSE + SIMPLES.indexOf(value));
  }
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return withLength(TEXT, utf8(value));
  if (value instanceof Uint8Array) return withLength(BYTES, value);
  if (value instanceof Cid) {
    return concat([head(TAG, LINK), withLength(BYTES, concat([Uint8Array.of(0), value.bytes]))]);
  }
  if (isList(value)) return concat([head(ARRAY, value.length), ...value.map(encodeCbor)]);
  demand(isMap(value), CODE, `DAG-CBOR cannot hold a ${typeof value}`);
  const members = Object.entries(value)
    .map(([key, member]) => concat([withLength(TEXT, utf8(key)), encodeCbor(member)]))
    .toSorted(compare);
  return concat([head(MAP, members.length), ...members]);
}

/**
 * Reads the canonical encoding of a value, and no other bytes: what is read encodes to what was
 * given. Integers beyond 2^53 and floats that are whole are refused too, since numbers here cannot
 * tell them apart from their neighbours.
 *
 * @throws ProofError PROOF_CBOR_INVALID for anything else.
 */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const value = new Reader(bytes).value(0);
  demand(sameBytes(encodeCbor(value), bytes), CODE, 'not in its canonical form');
  return value;
}

/** A value has one encoding, so equal values are equal bytes. */
export function sameCbor(a: Cbor, b: Cbor): boolean {
  return sameBytes(encodeCbor(a), encodeCbor(b));
}

/** Reads generously: `decodeCbor` compares with the one encoding afterwards. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth: number): Cbor {
    demand(depth <= MAX_DEPTH, CODE, 'nested too deep');
    const [first = 0] = this.#take(1);
    const major = first >> 5;
    if (major === SIMPLE) return this.#simple(first);
    const argument = this.#argument(first & 0x1f);
    if (major === UNSIGNED) return argument;
    if (major === NEGATIVE) return -1 - argument;
    if (major === BYTES) return this.#take(argument).slice();
    if (major === TEXT) return textOf(this.#take(argument));
    const next = (): Cbor => this.value(depth + 1);
    if (major === TAG) {
      const link = next();
      demand(argument === LINK && link instanceof Uint8Array, CODE, 'a tag other than a link');
      return new Cid(link.subarray(1));
    }
    // An item has a byte at least, so a claimed length allocates no more than the bytes given.
    demand(argument <= this.#bytes.length, CODE, 'ends too early');
    if (major === ARRAY) return Array.from({ length: argument }, next);
    const member = () => {
      const key = next();
      demand(typeof key === 'string', CODE, 'a key that is not text');
      return [key, next()] as const;
    };
    return Object.fromEntries(Array.from({ length: argument }, member));
  }

  #simple(first: number): Cbor {
    if (first === FLOAT64) return view(this.#take(8)).getFloat64(0);
    const value = SIMPLES[first - FALSE];
    demand(value !== undefined, CODE, 'a simple value that DAG-CBOR has not');
    return value;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    demand(info <= 27, CODE, 'a length that DAG-CBOR has not');
    return this.#take(2 ** (info - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    demand(end <= this.#bytes.length, CODE, 'ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function encodeNumber(value: number): Uint8Array {
  if (Number.isSafeInteger(value)) {
    return value < 0 ? head(NEGATIVE, -1 - value) : head(UNSIGNED, value);
  }
  demand(Number.isFinite(value), CODE, 'DAG-CBOR cannot hold NaN or an infinity');
  const bytes = Uint8Array.of(FLOAT64, 0, 0, 0, 0, 0, 0, 0, 0);
  view(bytes).setFloat64(1, value);
  return bytes;
}

function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of((major << 5) | argument);
  const size = [1, 2, 4, 8].find((bytes) => argument < 256 ** bytes) ?? 8;
  const bytes = new Uint8Array(9);
  view(bytes).setBigUint64(1, BigInt(argument));
  bytes[8 - size] = (major << 5) | (24 + Math.log2(size));
  return bytes.subarray(8 - size);
}

function withLength(major: number, bytes: Uint8Array): Uint8Array {
  return concat([head(major, bytes.length), bytes]);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

// A shorter text has a smaller head, so this is by length first; two keys of a map always differ.
function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return (a[at] ?? 0) - (b[at] ?? 0);
}

export function isList(value: Cbor): value is readonly Cbor[] {
  return Array.isArray(value);
}

export function isMap(value: unknown): value is CborMap {
  const leaf = value instanceof Uint8Array || value instanceof Cid || Array.isArray(value);
  return typeof value === 'object' && value !== null && !leaf;
}
