import { ProofError } from '../error.ts';
import { concat } from './bytes.ts';
import { sha256 } from './digest.ts';
import { decodeBase32, encodeBase32 } from './rfc4648.ts';

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
    if (!text.startsWith('b')) throw new ProofError('PROOF_ENCODING_INVALID', 'not a base32 CID');
    return new Cid(decodeBase32(text.slice(1)));
  }

  /** The name of DAG-CBOR bytes. */
  static of(bytes: Uint8Array): Cid {
    return new Cid(concat(DAG_CBOR_SHA256, sha256(bytes)));
  }

  toString(): string {
    return `b${encodeBase32(this.bytes)}`;
  }
}
