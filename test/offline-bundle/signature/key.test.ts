import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  fingerprintOf,
  publicPemOf,
  readPublicKey,
  signingKeyAt,
} from '#offline-bundle/signature/key.ts';

const invalid = expect.objectContaining({ code: 'BUNDLE_KEY_INVALID' });
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-key-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a key is made once, for its owner alone, and found again', () => {
  const file = join(folder, 'keys/bundle.pem');
  const [made, found] = [signingKeyAt(file), signingKeyAt(file)].map((key) => publicPemOf(key));

  expect(found).toBe(made);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700);
});

test('its public half is read, and named by its digest', () => {
  const key = readPublicKey(publicPemOf(signingKeyAt(join(folder, 'keys/bundle.pem'))));

  expect(fingerprintOf(key)).toMatch(/^SHA256:[0-9a-f]{64}$/);
});

test.each([
  ['nothing', ''],
  ['no PEM', 'key'],
  ['an Ed25519 key', pemOf('ed25519')],
  ['a key on another curve', pemOf('secp384r1')],
])('%s in place of a public key is refused', (_, pem) => {
  expect(() => readPublicKey(pem)).toThrow(invalid);
});

test('a private key in place of a public one is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

  expect(() => readPublicKey(pem)).toThrow(invalid);
});

test('a file that holds no private key on P-256 is refused', () => {
  const file = join(folder, 'other.pem');
  writeFileSync(file, 'key');

  expect(() => signingKeyAt(file)).toThrow(invalid);
});

function pemOf(kind: 'ed25519' | 'secp384r1'): string {
  const { publicKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: kind });
  return String(publicKey.export({ type: 'spki', format: 'pem' }));
}
