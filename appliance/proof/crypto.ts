import * as crypto from 'node:crypto';

// RFC 8410: an Ed25519 key in DER is these bytes and the 32 of the key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
// RFC 5480: the same of a P-256 key and the 33 of its compressed point.
const SPKI_P256 = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
const KEPT_KEYS = 256;

// Making a KeyObject costs about as much as a verification; the same few keys come again and again.
const keys = new Map<string, crypto.KeyObject>();

export function sha256Of(bytes: Uint8Array): Uint8Array {
  return plain(crypto.hash('sha256', bytes, 'buffer'));
}

export function randomBytes(length: number): Uint8Array {
  return crypto.randomFillSync(new Uint8Array(length));
}

/** Ed25519 (RFC 8032) with the key that a seed of 32 bytes stands for. */
export function importSeed(seed: Uint8Array) {
  const pkcs8 = Buffer.concat([PKCS8, seed]);
  const key = crypto.createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const spki = crypto.createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: plain(spki.subarray(SPKI.length)),
    sign: (message: Uint8Array) => plain(crypto.sign(null, message, key)),
  };
}

export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return crypto.verify(null, message, keyOf(SPKI, publicKey), signature);
}

/** ECDSA on P-256 with SHA-256; the signature in DER, the key a compressed point. */
export function verifyP256(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return crypto.verify('sha256', message, keyOf(SPKI_P256, publicKey), signature);
  } catch {
    // The bytes are no point of the curve: whoever holds no key has signed nothing.
    return false;
  }
}

function keyOf(prefix: Buffer, publicKey: Uint8Array): crypto.KeyObject {
  const spki = Buffer.concat([prefix, publicKey]);
  const name = spki.toString('hex');
  const key = keys.get(name) ?? crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (keys.size >= KEPT_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}

// A Buffer compares and prints unlike the Uint8Array that the browser's twin returns.
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
