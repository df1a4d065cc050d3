import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { Svid } from '@physiclaw/platform';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const generate = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const HOUR_MS = 3_600_000;

export interface IssueOptions {
  /** One hour where absent. */
  lifetimeMs?: number;
  /** Names beside, or instead of, the one of the service. */
  names?: x509.JsonGeneralNames;
  /** Makes a certificate that is an authority itself, as no workload's may be. */
  authority?: boolean;
}

export interface Authority {
  /** PEM of the root. */
  readonly ca: string;
  issue(service: string, options?: IssueOptions): Promise<Svid>;
}

/** A certificate authority that lives as long as the test. */
export async function createAuthority(trustDomain: string): Promise<Authority> {
  const keys = await generate();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'O=test',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true)],
  });
  const ca = root.toString('pem');
  return {
    ca,
    async issue(service, { lifetimeMs = HOUR_MS, names, authority = false } = {}): Promise<Svid> {
      const own = await generate();
      const name = new x509.SubjectAlternativeNameExtension(
        names ?? [{ type: 'url', value: `spiffe://${trustDomain}/${service}` }],
      );
      const leaf = await x509.X509CertificateGenerator.create({
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [name, new x509.BasicConstraintsExtension(authority)],
        // Certificates count whole seconds, and the clock of the issuer is nobody's but its own.
        notBefore: new Date(Date.now() - 1000),
        notAfter: new Date(Date.now() + lifetimeMs),
      });
      const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
      return {
        cert: leaf.toString('pem'),
        key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
        ca,
      };
    },
  };
}
