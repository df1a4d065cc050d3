import { ProofError } from '../error.ts';
import { concat, join, sameBytes, textOf, utf8 } from './bytes.ts';
import { Cid } from './cid.ts';

/** What DAG-CBOR can say and JavaScript can tell apart. */
export type Cbor = null | boolean | number | string | Uint8Array | Cid | readonly Cbor[] | CborMap;

export interface CborMap {
  readonly [key: string]: Cbor;
}

const MAX_DEPTH = 64;
const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;
const LINK_TAG = Uint8Array.of(0xd8, 42);
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

/**
 * The one DAG-CBOR encoding of a value: shortest heads, keys by length and then by bytes, numbers
 * as integers where they are safe integers and as 64-bit floats otherwise.
 *
 * @throws ProofError PROOF_CBOR_INVALID for NaN, an infinity or what the type does not allow.
 */
export function encodeCbor(value: Cbor): Uint8Array {
  if (value === null) return Uint8Array.of(NULL);
  if (typeof value === 'boolean') return Uint8Array.of(value ? TRUE : FALSE);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return withLength(MAJOR.text, utf8(value));
  if (value instanceof Uint8Array) return withLength(MAJOR.bytes, value);
  if (value instanceof Cid) {
    return concat(LINK_TAG, withLength(MAJOR.bytes, concat(Uint8Array.of(0), value.bytes)));
  }
  if (isList(value)) return join([head(MAJOR.array, value.length), ...value.map(encodeCbor)]);
  if (!isMap(value)) return refuse(`cannot hold a ${typeof value}`);
  const members = Object.entries(value)
    .map(([key, member]) => ({ key: utf8(key), member }))
    .toSorted((a, b) => a.key.length - b.key.length || compare(a.key, b.key));
  return join([
    head(MAJOR.map, members.length),
    ...members.flatMap(({ key, member }) => [withLength(MAJOR.text, key), encodeCbor(member)]),
  ]);
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
  if (!sameBytes(encodeCbor(value), bytes)) refuse('is not in its canonical form');
  return value;
}

/** Reads generously: `decodeCbor` compares with the one encoding afterwards. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth: number): Cbor {
    if (depth > MAX_DEPTH) refuse('is nested too deep');
    const [first = 0] = this.#take(1);
    const major = first >> 5;
    if (major === MAJOR.simple) return this.#simple(first);
    const argument = this.#argument(first & 0x1f);
    if (major === MAJOR.unsigned) return argument;
    if (major === MAJOR.negative) return -1 - argument;
    if (major === MAJOR.bytes) return this.#take(argument).slice();
    if (major === MAJOR.text) return textOf(this.#take(argument));
    const next = (): Cbor => this.value(depth + 1);
    if (major === MAJOR.tag) {
      return argument === 42 ? linkIn(next()) : refuse('has a tag that DAG-CBOR has not');
    }
    // An item has a byte at least, so a claimed length allocates no more than the bytes given.
    if (argument > this.#bytes.length) refuse('ends too early');
    if (major === MAJOR.array) return Array.from({ length: argument }, next);
    return Object.fromEntries(Array.from({ length: argument }, () => [textIn(next()), next()]));
  }

  #simple(first: number): Cbor {
    if (first === NULL) return null;
    if (first === TRUE || first === FALSE) return first === TRUE;
    if (first === FLOAT64) return view(this.#take(8)).getFloat64(0);
    return refuse('has a simple value that DAG-CBOR has not');
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) return refuse('has a length that DAG-CBOR has not');
    return this.#take(2 ** (info - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) refuse('ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function textIn(value: Cbor): string {
  return typeof value === 'string' ? value : refuse('has a key that is not text');
}

function linkIn(value: Cbor): Cid {
  return value instanceof Uint8Array ? new Cid(value.subarray(1)) : refuse('has a link to nothing');
}

function encodeNumber(value: number): Uint8Array {
  if (Number.isSafeInteger(value)) {
    return value < 0 ? head(MAJOR.negative, -1 - value) : head(MAJOR.unsigned, value);
  }
  if (!Number.isFinite(value)) refuse('cannot hold NaN or an infinity');
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
  return concat(head(major, bytes.length), bytes);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

export function isList(value: Cbor): value is readonly Cbor[] {
  return Array.isArray(value);
}

export function isMap(value: unknown): value is CborMap {
  const leaf = value instanceof Uint8Array || value instanceof Cid || Array.isArray(value);
  return typeof value === 'object' && value !== null && !leaf;
}

function refuse(why: string): never {
  throw new ProofError('PROOF_CBOR_INVALID', `DAG-CBOR ${why}`);
}
