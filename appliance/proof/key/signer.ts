import { importSeed, randomBytes, verifyEd25519 } from '#crypto';
import { decodeBase64, decodeHex, encodeHex } from '../encoding/rfc4648.ts';
import { demand, proves } from '../error.ts';

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
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { length } = publicKey;
  demand(length === 32, 'PROOF_KEY_INVALID', `expected 32 bytes, got ${length}`);
  return signature.length === 64 && verifyEd25519(publicKey, message, signature);
}

/**
 * The same for a `did:key` and a base64 signature. What cannot be read, be it key, message or
 * signature, is signed by nobody.
 */
export function isSigned(did: string, message: () => Uint8Array, signature: string): boolean {
  return proves(() => verifySignature(publicKeyOf(did), message(), decodeBase64(signature)));
}

const CODE = 'PROOF_KEY_INVALID';
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
// Multicodecs ed25519-pub and p256-pub, as varints, by how many bytes their keys have.
const CODECS = new Map([
  [32, 'ed01'],
  [33, '8024'],
]);
// What these two begin with in base58: no other text stands for the same key.
const DID = /^did:key:z(6Mk[1-9A-HJ-NP-Za-km-z]{44}|Dn[1-9A-HJ-NP-Za-km-z]{46})$/;

/**
 * The `did:key` of a public key: of Ed25519, or of a point of P-256 in its compressed form.
 *
 * @throws ProofError PROOF_KEY_INVALID unless the key has 32 bytes, or 33.
 */
export function didOf(publicKey: Uint8Array): string {
  const codec = CODECS.get(publicKey.length);
  demand(codec !== undefined, CODE, `expected 32 or 33 bytes, got ${publicKey.length}`);
  // Base58 is a number in base 58. The codec's first byte is never zero, so no zero is lost.
  let number = BigInt(`0x${codec}${encodeHex(publicKey)}`);
  let digits = '';
  for (; number > 0n; number /= 58n) digits = (ALPHABET[Number(number % 58n)] ?? '') + digits;
  return `did:key:z${digits}`;
}

/**
 * The public key that a `did:key` is; its length says of which kind.
 *
 * @throws ProofError PROOF_KEY_INVALID for any text but the one that `didOf` makes of a key.
 */
export function publicKeyOf(did: string): Uint8Array {
  let number = 0n;
  for (const digit of DID.exec(did)?.[1] ?? '') {
    number = number * 58n + BigInt(ALPHABET.indexOf(digit));
  }
  const hex = number.toString(16);
  const known = CODECS.get(hex.length / 2 - 2) === hex.slice(0, 4);
  demand(known, CODE, 'not a did:key of Ed25519 or P-256');
  return decodeHex(hex.slice(4));
}
