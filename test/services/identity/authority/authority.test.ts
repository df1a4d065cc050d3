import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SpiffeId } from '@physiclaw/contracts';
import { encodeBase64 } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { createOwnKey } from '#appliance/cli/certificate/request.ts';
import { Authority } from '#services/identity/authority/authority.ts';
import { makeHouse, trustDomain } from '../house.ts';

const id = SpiffeId.parse('spiffe://test.internal/agent');

test('an SVID bears the name of the workload and no other', async () => {
  const { authority } = await makeHouse();
  const { update } = await authority.issue(id, 60);

  expect(new X509Certificate(update.cert).subjectAltName).toBe(`URI:${id}`);
  expect(update.id).toBe(id);
});

test('an SVID is signed by the authority of the bundle, for the key beside it', async () => {
  const { authority, bundle } = await makeHouse();
  const { update } = await authority.issue(id, 60);
  const leaf = new X509Certificate(update.cert);
  const issuer = new X509Certificate(bundle);

  expect(leaf.verify(issuer.publicKey)).toBe(true);
  expect(leaf.checkIssued(issuer)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(update.key))).toBe(true);
  expect(leaf.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(update.bundle).toBe(bundle);
});

test('an SVID is good for both ends of a connection and for nothing else', async () => {
  const { authority } = await makeHouse();
  const leaf = new x509.X509Certificate((await authority.issue(id, 60)).update.cert);

  expect(leaf.getExtension(x509.BasicConstraintsExtension)).toMatchObject({ ca: false });
  expect(leaf.getExtension(x509.KeyUsagesExtension)).toMatchObject({
    usages: x509.KeyUsageFlags.digitalSignature,
    critical: true,
  });
  expect(leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
    x509.ExtendedKeyUsage.serverAuth,
    x509.ExtendedKeyUsage.clientAuth,
  ]);
});

test('an SVID lasts as long as it was told, and was valid a little before', async () => {
  const { authority } = await makeHouse();
  const { update } = await authority.issue(id, 60);
  const leaf = new X509Certificate(update.cert);
  const left = (Date.parse(leaf.validTo) - Date.now()) / 1000;

  expect(Date.parse(update.notAfter)).toBe(Date.parse(leaf.validTo));
  expect(left).toBeGreaterThan(58);
  expect(left).toBeLessThanOrEqual(60);
  expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now() - 60_000);
});

test('an SVID is to be renewed at half of its life', async () => {
  const { authority } = await makeHouse();
  const { update } = await authority.issue(id, 60);
  const half = (Date.parse(update.renewAt) - Date.now()) / 1000;

  expect(half).toBeGreaterThan(28);
  expect(half).toBeLessThanOrEqual(30);
});

test('no two SVIDs share a key or a serial number of 128 bits', async () => {
  const { authority } = await makeHouse();
  const [one, two] = [await authority.issue(id, 60), await authority.issue(id, 60)];

  expect(one.serial).toMatch(/^[0-9a-f]{32}$/);
  expect(BigInt(`0x${new X509Certificate(one.update.cert).serialNumber}`)).toBe(
    BigInt(`0x${one.serial}`),
  );
  expect(one.serial).not.toBe(two.serial);
  expect(one.update.key).not.toBe(two.update.key);
});

test('a CA key that is not the one of the bundle is refused', async () => {
  const { bundle } = await makeHouse();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  await expect(Authority.open(caKey, bundle, trustDomain)).rejects.toMatchObject({
    code: 'IDENTITY_KEY_FOREIGN',
    message: expect.stringContaining('another key'),
  });
});

test('a bundle of another trust domain is refused', async () => {
  const { bundle, caKey } = await makeHouse();

  await expect(Authority.open(caKey, bundle, 'other.internal')).rejects.toMatchObject({
    code: 'IDENTITY_KEY_FOREIGN',
    message: expect.stringContaining('spiffe://test.internal'),
  });
});

test('a person gets a certificate for the key that signed his request, for a client alone', async () => {
  const { authority, bundle } = await makeHouse();
  const person = SpiffeId.parse('spiffe://test.internal/user/p-1');
  const { key, request } = await createOwnKey(2048);
  const { cert, notAfter } = await authority.certify(person, encodeBase64(request));
  const leaf = new X509Certificate(cert);

  expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(leaf.verify(new X509Certificate(bundle).publicKey)).toBe(true);
  expect(leaf.subjectAltName).toBe(`URI:${person}`);
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(notAfter) - Date.now()).toBeLessThanOrEqual(90 * 86_400_000);
});

test('a request that its key did not sign is refused, and so is what is none', async () => {
  const { authority } = await makeHouse();
  const { request } = await createOwnKey(2048);
  const changed = Buffer.from(request);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

  for (const bytes of [changed, Buffer.from('no request')]) {
    await expect(authority.certify(id, encodeBase64(bytes))).rejects.toMatchObject({
      code: 'IDENTITY_REQUEST_INVALID',
    });
  }
});
