import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';

export { sha256 as sha256Of } from '@noble/hashes/sha2.js';
export { randomBytes } from '@noble/hashes/utils.js';

/** Ed25519 (RFC 8032) with the key that a seed of 32 bytes stands for. */
export function importSeed(seed: Uint8Array) {
  const sign = (message: Uint8Array) => ed25519.sign(message, seed);
  return { publicKey: ed25519.getPublicKey(seed), sign };
}

export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  // RFC 8032's check, as OpenSSL makes it: ZIP 215 lets signatures pass that Node refuses.
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/** ECDSA on P-256 with SHA-256; the signature in DER, the key a compressed point. */
export function verifyP256(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return p256.verify(signature, sha256(message), publicKey, { lowS: false, format: 'der' });
  } catch {
    // The bytes are no point of the curve: whoever holds no key has signed nothing.
    return false;
  }
}
