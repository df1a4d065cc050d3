import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consoleCertificate, fileProvider, genesis } from '@physiclaw/seal';
import { afterEach, expect, test, vi } from 'vitest';
import { makeHome } from './home.ts';

const names = { hosts: ['localhost', 'console.example'], addresses: ['192.0.2.7'] };
const DAY_MS = 86_400_000;
afterEach(() => void vi.useRealTimers());

async function makeConsole() {
  const home = makeHome();
  await genesis({ home, trustDomain: 'test.local', provider: fileProvider });
  const make = (more = {}) =>
    consoleCertificate({ home, provider: fileProvider, ...names, ...more });
  return { home, make, ...(await make()) };
}

test('it is of the trust domain, for the names given and for servers only', async () => {
  const { home, certificate } = await makeConsole();
  const leaf = new X509Certificate(certificate);
  const authority = new X509Certificate(readFileSync(join(home, 'anchors/trust-bundle.pem')));

  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(leaf.subjectAltName).toBe('DNS:localhost, DNS:console.example, IP Address:192.0.2.7');
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(leaf.ca).toBe(false);
});

test('it names no workload: no service takes its holder for another', async () => {
  const { certificate } = await makeConsole();

  expect(new X509Certificate(certificate).subjectAltName).not.toMatch('URI');
});

test('it stays the same from boot to boot', async () => {
  const { make, certificate, key } = await makeConsole();

  expect(await make()).toEqual({ certificate, key });
});

test('under another name it is another one, of the same key', async () => {
  const { make, certificate, key } = await makeConsole();
  const renamed = await make({ hosts: ['localhost', 'other.example'] });

  expect(renamed.key).toBe(key);
  expect(renamed.certificate).not.toBe(certificate);
  expect(new X509Certificate(renamed.certificate).subjectAltName).toMatch('DNS:other.example');
  expect(await make({ hosts: ['localhost', 'other.example'] })).toEqual(renamed);
});

test.each([
  [300, false],
  [500, true],
  [1000, true],
])('after %i days it is made anew: %s', async (days, isAnew) => {
  const { make, certificate } = await makeConsole();
  vi.useFakeTimers({ now: Date.now() + days * DAY_MS, toFake: ['Date'] });

  expect((await make()).certificate !== certificate).toBe(isAnew);
});
