import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpiffeId } from '@physiclaw/contracts';
import forge from 'node-forge';
import { expect, test } from 'vitest';
import { encodePkcs12 } from '#appliance/cli/certificate/pkcs12.ts';
import { createOwnKey } from '#appliance/cli/certificate/request.ts';
import { makeHouse, trustDomain } from '#test/services/identity/house.ts';
import { temporaryFolder } from '../../platform/small-disk.ts';

const OPENSSL = '/usr/bin/openssl';
const password = 'correct horse battery';

/** A container as a person gets it, with what went in. */
async function made() {
  const { authority, bundle } = await makeHouse();
  const { key, request } = await createOwnKey(2048);
  const person = SpiffeId.parse(`spiffe://${trustDomain}/user/p-1`);
  const { cert } = await authority.certify(person, Buffer.from(request).toString('base64'));
  const contents = { key, certificate: cert, authorities: bundle, name: 'añy name' };
  const file = join(temporaryFolder(), 'person.p12');
  const bytes = encodePkcs12(contents, password);
  writeFileSync(file, bytes);
  const ask = (...words: string[]) => [
    'pkcs12',
    '-in',
    file,
    '-passin',
    `pass:${password}`,
    '-nodes',
    ...words,
  ];
  const openssl = (...words: string[]) =>
    execFileSync(OPENSSL, ask(...words), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { ...contents, bytes, file, openssl };
}

const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256;

test('openssl finds the key, its certificate and who vouches for it, byte by byte', async () => {
  const { openssl, key, certificate, authorities } = await made();
  const found = createPrivateKey(openssl('-nocerts'));

  expect(found.equals(createPrivateKey(key))).toBe(true);
  expect(fingerprintOf(openssl('-clcerts', '-nokeys'))).toBe(fingerprintOf(certificate));
  expect(fingerprintOf(openssl('-cacerts', '-nokeys'))).toBe(fingerprintOf(authorities));
  expect(new X509Certificate(certificate).checkPrivateKey(found)).toBe(true);
});

test('the certificate is verified by openssl, for a client and for nothing else', async () => {
  const { openssl, authorities } = await made();
  const [leaf, ca] = [join(temporaryFolder(), 'leaf'), join(temporaryFolder(), 'ca')];
  writeFileSync(leaf, openssl('-clcerts', '-nokeys'));
  writeFileSync(ca, authorities);
  const verify = (purpose: string) =>
    spawnSync(OPENSSL, ['verify', '-CAfile', ca, '-purpose', purpose, leaf]).status;

  expect([verify('sslclient'), verify('sslserver')]).toEqual([0, 2]);
});

test('node-forge finds the same', async () => {
  const { bytes, key } = await made();
  const parsed = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1')));
  const container = forge.pkcs12.pkcs12FromAsn1(parsed, password);
  const { pkcs8ShroudedKeyBag = '' } = forge.pki.oids;
  const [bag] = container.getBags({ bagType: pkcs8ShroudedKeyBag })[pkcs8ShroudedKeyBag] ?? [];
  const pem = forge.pki.privateKeyToPem(bag?.key ?? forge.pki.privateKeyFromPem(''));

  expect(createPrivateKey(pem).equals(createPrivateKey(key))).toBe(true);
  expect(bag?.attributes).toHaveProperty('friendlyName');
});

test('a wrong password is refused by both', async () => {
  const { bytes, file } = await made();
  const parsed = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1')));
  const asked = ['pkcs12', '-in', file, '-passin', 'pass:another', '-nodes'];

  expect(spawnSync(OPENSSL, asked).status).not.toBe(0);
  expect(() => forge.pkcs12.pkcs12FromAsn1(parsed, 'another')).toThrow('password');
});

test('one changed byte of a certificate is found by the code over it', async () => {
  const { bytes, file, certificate } = await made();
  const at = Buffer.from(bytes).indexOf(new X509Certificate(certificate).raw) + 100;
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  writeFileSync(file, changed);
  const asked = ['pkcs12', '-in', file, '-passin', `pass:${password}`, '-nodes'];

  expect(spawnSync(OPENSSL, asked).status).not.toBe(0);
});

test('the key cannot be read in the file', async () => {
  const { bytes, key } = await made();
  // The beginning is the public half, which is in the certificate too.
  const der = createPrivateKey(key).export({ type: 'pkcs1', format: 'der' });

  expect(Buffer.from(bytes).includes(der.subarray(-60, -20))).toBe(false);
});
