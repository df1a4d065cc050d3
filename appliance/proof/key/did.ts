import { decodeHex, encodeHex } from '../encoding/rfc4648.ts';
import { demand } from '../error.ts';

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
