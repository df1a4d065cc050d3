import { concat } from '../encoding/bytes.ts';
import { decodeHex, encodeHex } from '../encoding/rfc4648.ts';
import { ProofError } from '../error.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
// Multicodec ed25519-pub, as a varint.
const ED25519 = Uint8Array.of(0xed, 0x01);
const DID = /^did:key:z([1-9A-HJ-NP-Za-km-z]{47})$/;

/**
 * The `did:key` of an Ed25519 public key.
 *
 * @throws ProofError PROOF_KEY_INVALID unless the key has 32 bytes.
 */
export function didOf(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) {
    throw new ProofError('PROOF_KEY_INVALID', `expected 32 bytes, got ${publicKey.length}`);
  }
  // Base58 is a number in base 58. The codec's first byte is never zero, so no zero is lost.
  let number = BigInt(`0x${encodeHex(concat(ED25519, publicKey))}`);
  let digits = '';
  for (; number > 0n; number /= 58n) digits = (ALPHABET[Number(number % 58n)] ?? '') + digits;
  return `did:key:z${digits}`;
}

/**
 * The public key that a `did:key` is.
 *
 * @throws ProofError PROOF_KEY_INVALID for any text but the one that `didOf` makes of a key.
 */
export function publicKeyOf(did: string): Uint8Array {
  const digits = DID.exec(did)?.[1];
  if (digits === undefined) throw new ProofError('PROOF_KEY_INVALID', 'not an Ed25519 did:key');
  let number = 0n;
  for (const digit of digits) number = number * 58n + BigInt(ALPHABET.indexOf(digit));
  const hex = number.toString(16);
  if (hex.length !== 68 || !hex.startsWith('ed01')) {
    throw new ProofError('PROOF_KEY_INVALID', 'not an Ed25519 did:key');
  }
  return decodeHex(hex).subarray(ED25519.length);
}
