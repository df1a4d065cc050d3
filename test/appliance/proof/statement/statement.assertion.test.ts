import type { Assertion } from '@physiclaw/contracts';
import { generateSeed, signerFromSeed, signStatement, verifyStatement } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { Passkey, type Wrongs } from './passkey.ts';

const passkey = new Passkey();
const statement = {
  type: 'physiclaw/resume/v1' as const,
  kill: `k-${'0'.repeat(32)}`,
  key: passkey.did,
};

test.each([
  'https://box.plant.internal:18443',
  'https://box.plant.internal',
  'https://localhost:18443',
  'http://localhost:18789',
])('a passkey signs a statement on a page of %s', (origin) => {
  expect(verifyStatement(passkey.sign(statement, { origin }))).toBe(true);
});

test.each<[string, Wrongs]>([
  ['is of another ceremony', { type: 'webauthn.create' }],
  ['answers another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['answers none', { client: { challenge: undefined } }],
  ['is for another relying party', { rpId: 'evil.example' }],
  ['is for a parent of the host', { rpId: 'plant.internal' }],
  ['was made on a page of another host', { client: { origin: 'https://evil.example' } }],
  ['was made on a page in clear', { origin: 'http://box.plant.internal:18443' }],
  ['was made by no page', { origin: 'android:apk-key-hash:x', rpId: 'x' }],
  ['was made in a frame of another page', { client: { crossOrigin: true } }],
  ['was made with nobody there', { flags: 0b100 }],
  ['was made by whoever was there', { flags: 0b001 }],
  ['has no counter', { length: 33 }],
  ['has no flags', { length: 32 }],
])('an assertion that %s is none', (_how, wrongs) => {
  expect(verifyStatement(passkey.sign(statement, wrongs))).toBe(false);
});

test('an assertion of another key, or over another statement, is none', () => {
  const { signature } = new Passkey().sign(statement);
  const other = { ...statement, kill: `k-${'1'.repeat(32)}` };

  expect(verifyStatement({ statement, signature })).toBe(false);
  expect(verifyStatement({ statement: other, signature: passkey.sign(statement).signature })).toBe(
    false,
  );
});

test('each kind of key has its kind of signature', () => {
  const device = signerFromSeed(generateSeed());
  const said = { ...statement, key: device.did };
  const { signature } = signStatement(said, device);

  expect(verifyStatement({ statement, signature })).toBe(false);
  expect(verifyStatement({ statement: said, signature: passkey.sign(said).signature })).toBe(false);
  expect(
    verifyStatement({ statement, signature: passkey.sign(statement).signature.signature }),
  ).toBe(false);
});

test('no bit of an assertion can be changed', () => {
  const { signature } = passkey.sign(statement);
  const parts = ['authenticatorData', 'clientData', 'signature'] as const;
  const accepted = parts.flatMap((part) =>
    flips(Buffer.from(signature[part], 'base64')).filter((bytes) =>
      verifyStatement({
        statement,
        signature: { ...signature, [part]: bytes.toString('base64') },
      }),
    ),
  );

  expect(accepted).toEqual([]);
});

test.each<[string, Partial<Assertion>]>([
  ['base64', { authenticatorData: '*' }],
  ['UTF-8', { clientData: '/w==' }],
  ['JSON', { clientData: Buffer.from('{').toString('base64') }],
  ['an object', { clientData: Buffer.from('null').toString('base64') }],
  ['DER', { signature: 'AAAA' }],
])('what is no %s is signed by nobody', (_what, wrong) => {
  const { signature } = passkey.sign(statement);

  expect(verifyStatement({ statement, signature: { ...signature, ...wrong } })).toBe(false);
});

test('a key that is no point of the curve has signed nothing', () => {
  const key = `did:key:zDn${'z'.repeat(46)}`;
  const said = { ...statement, key };

  expect(verifyStatement(passkey.sign(said))).toBe(false);
});

function flips(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return changed;
  });
}
