import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 3653;
// Browsers refuse a longer one also where the authority is a private one.
const CONSOLE_DAYS = 800;

/** The self-signed certificate of a trust domain's authority: what every peer is checked against. */
export async function certifyAuthority(caKey: string, trustDomain: string): Promise<string> {
  const keys = await importKeys(caKey);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(16).toString('hex'),
      name: 'O=physiclaw',
      // A clock that is set back a little must not make the authority one of the future.
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        new x509.SubjectAlternativeNameExtension([
          { type: 'url', value: `spiffe://${trustDomain}` },
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

export interface ConsoleNames {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * The certificate with which the console's door answers, in PEM. It names hosts and addresses and
 * no workload, so that no service takes its holder for another one.
 */
export async function certifyConsole(
  authority: { readonly caKey: string; readonly bundle: string },
  consoleKey: string,
  { hosts, addresses }: ConsoleNames,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.bundle);
  const { privateKey } = await importKeys(authority.caKey);
  const { publicKey } = await importKeys(consoleKey);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(16).toString('hex'),
      issuer: issuer.subject,
      subject: 'O=physiclaw, OU=console',
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + CONSOLE_DAYS * DAY_MS),
      publicKey,
      signingKey: privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          ...hosts.map((value) => ({ type: 'dns' as const, value })),
          ...addresses.map((value) => ({ type: 'ip' as const, value })),
        ]),
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

async function importKeys(key: string): Promise<webcrypto.CryptoKeyPair> {
  const secret = createPrivateKey(key);
  const pkcs8 = secret.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(secret).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
}
