import { importSeed, randomBytes, verifyEd25519 } from '#crypto';
import { decodeBase64 } from '../encoding/rfc4648.ts';
import { demand, proves } from '../error.ts';
import { didOf, publicKeyOf } from './did.ts';

/** A private Ed25519 key that can be used and not read. */
export interface Signer {
  readonly publicKey: Uint8Array;
  readonly did: string;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** 32 random bytes: an Ed25519 private key as RFC 8032 stores it. */
export function generateSeed(): Uint8Array {
  return randomBytes(32);
}

/** @throws ProofError PROOF_KEY_INVALID unless the seed has 32 bytes. */
export function signerFromSeed(seed: Uint8Array): Signer {
  demand(seed.length === 32, 'PROOF_KEY_INVALID', `expected 32 bytes, got ${seed.length}`);
  const { publicKey, sign } = importSeed(seed);
  return { publicKey, did: didOf(publicKey), sign };
}

/**
 * Whether the holder of the key signed the message.
 *
 * @throws ProofError PROOF_KEY_INVALID when the key is none.
 */
export function verifySignature(
  key: Uint8Array | string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const publicKey = typeof key === 'string' ? publicKeyOf(key) : key;
  const { length } = publicKey;
  demand(length === 32, 'PROOF_KEY_INVALID', `expected 32 bytes, got ${length}`);
  return signature.length === 64 && verifyEd25519(publicKey, message, signature);
}

/**
 * The same for a `did:key` and a base64 signature. What cannot be read, be it key, message or
 * signature, is signed by nobody.
 */
export function isSigned(did: string, message: () => Uint8Array, signature: string): boolean {
  return proves(() => verifySignature(did, message(), decodeBase64(signature)));
}
