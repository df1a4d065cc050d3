import 'reflect-metadata';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { certifyAuthority } from '#appliance/seal/certificate.ts';

const caKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const pem = await certifyAuthority(caKey.toString(), 'test.internal');
const certificate = new X509Certificate(pem);
const parsed = new x509.X509Certificate(pem);

test('the authority signs itself and bears the name of its trust domain only', () => {
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subjectAltName).toBe('URI:spiffe://test.internal');
});

test('the authority may sign workloads and no further authority', () => {
  const constraints = parsed.getExtension(x509.BasicConstraintsExtension);
  const usage = parsed.getExtension(x509.KeyUsagesExtension);

  expect(constraints).toMatchObject({ ca: true, pathLength: 0, critical: true });
  expect(usage).toMatchObject({
    usages: x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
    critical: true,
  });
});

test('the authority lasts ten years and was valid a day ago', () => {
  const years = (Date.parse(certificate.validTo) - Date.now()) / (365.25 * 86_400_000);

  expect(years).toBeCloseTo(10, 1);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 86_300_000);
});

test('no two authorities share a serial number', async () => {
  const other = new X509Certificate(await certifyAuthority(caKey.toString(), 'test.internal'));

  expect(other.serialNumber).not.toBe(certificate.serialNumber);
  expect(BigInt(`0x${certificate.serialNumber}`)).toBeGreaterThan(1n << 64n);
});
