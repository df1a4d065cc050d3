import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
  type CipherGCM,
  type DecipherGCM,
} from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * A secret under a key of 32 bytes: nonce, tag and ciphertext of AES-256-GCM, in base64. The key is
 * one of its own for each name, and what was wrapped under one name does not open under another.
 */
export function wrap(key: Uint8Array, name: string, secret: Uint8Array): string {
  const nonce = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', subkey(key, name), nonce);
  const ciphertext = run(cipher, name, secret);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
}

/** What was wrapped; undefined when key, name or text is another. */
export function unwrap(key: Uint8Array, name: string, wrapped: string): Buffer | undefined {
  const bytes = Buffer.from(wrapped, 'base64');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const nonce = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', subkey(key, name), nonce);
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return run(decipher, name, bytes.subarray(IV_BYTES + TAG_BYTES));
  } catch {
    // The tag does not fit: which of the three is wrong, nobody can say.
    return undefined;
  }
}

function run(cipher: CipherGCM | DecipherGCM, name: string, input: Uint8Array): Buffer {
  cipher.setAAD(Buffer.from(name));
  return Buffer.concat([cipher.update(input), cipher.final()]);
}

function subkey(key: Uint8Array, name: string): Buffer {
  const info = `physiclaw/secret/v1\0${name}`;
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, KEY_BYTES));
}
