import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  randomFillSync,
  sign,
  verify,
} from 'node:crypto';

// RFC 8410: an Ed25519 key in DER is these bytes and the 32 of the key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEPT_KEYS = 256;

// Making a KeyObject costs about as much as a verification; the same few keys come again and again.
const keys = new Map<string, KeyObject>();

export function sha256Of(bytes: Uint8Array): Uint8Array {
  return plain(hash('sha256', bytes, 'buffer'));
}

export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}

/** Ed25519 (RFC 8032) with the key that a seed of 32 bytes stands for. */
export function importSeed(seed: Uint8Array): {
  publicKey: Uint8Array;
  sign: (message: Uint8Array) => Uint8Array;
} {
  const key = createPrivateKey({ key: der(PKCS8, seed), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: Uint8Array.from(spki.subarray(SPKI.length)),
    sign: (message) => plain(sign(null, message, key)),
  };
}

export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(null, message, publicKeyObject(publicKey), signature);
}

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString('hex');
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= KEPT_KEYS) keys.clear();
  const key = createPublicKey({ key: der(SPKI, publicKey), format: 'der', type: 'spki' });
  keys.set(name, key);
  return key;
}

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([prefix, key]);
}

// A Buffer compares and prints unlike the Uint8Array that the browser's twin returns.
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
