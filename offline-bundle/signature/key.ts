import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BundleError } from '../error.ts';

const CURVE = 'prime256v1';

/**
 * @throws BundleError BUNDLE_KEY_INVALID unless the text is a P-256 public key in PEM.
 */
export function readPublicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw invalid('a private key');
  return onCurve(() => createPublicKey(pem));
}

/** How a bundle names the key that signed it: SHA-256 of its SubjectPublicKeyInfo. */
export function fingerprintOf(key: KeyObject): string {
  const bytes = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * The key that bundles of this machine are signed with, made when it is first asked for. It is a
 * key for tests: whoever builds a release gives a file of their own.
 *
 * @throws BundleError BUNDLE_KEY_INVALID when the file holds no P-256 private key.
 */
export function signingKeyAt(file: string): KeyObject {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  }
  return onCurve(() => createPrivateKey(readFileSync(file)));
}

export function publicPemOf(key: KeyObject): string {
  return String(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}

function onCurve(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw invalid('something else', cause);
  }
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) throw invalid(`a key of another kind`);
  return key;
}

function invalid(found: string, cause?: unknown): BundleError {
  return new BundleError('BUNDLE_KEY_INVALID', `expected a P-256 key in PEM, found ${found}`, {
    cause,
  });
}
