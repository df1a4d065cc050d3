import 'reflect-metadata';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { Crypto, type CryptoKey } from '@peculiar/webcrypto';
import * as x509 from '@peculiar/x509';
import type { SpiffeId, SvidUpdate } from '@physiclaw/contracts';
import { IdentityError } from '../errors.ts';

export interface AuthorityOptions {
  /** PKCS#8 in PEM. */
  readonly caKey: string;
  /** PEM of the certificate that everybody believes: written at genesis, no service can change it. */
  readonly bundle: string;
  readonly trustDomain: string;
}

export interface Issued {
  readonly update: SvidUpdate;
  readonly serial: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
// A clock that is set back by less than a step must not make an SVID one of the future.
const BACKDATE_MS = 120_000;
const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;

// Where a CA key that cannot leave its device would sign instead.
const crypto = new Crypto();

/** Signs X.509 SVIDs; holds the CA key and gives it to nobody. */
export class Authority {
  readonly bundle: string;
  readonly #issuer: x509.X509Certificate;
  readonly #key: CryptoKey;

  private constructor(bundle: string, key: CryptoKey) {
    this.bundle = bundle;
    this.#issuer = new x509.X509Certificate(bundle);
    this.#key = key;
  }

  /** @throws IdentityError IDENTITY_KEY_FOREIGN unless key, bundle and trust domain are one. */
  static async open({ caKey, bundle, trustDomain }: AuthorityOptions): Promise<Authority> {
    const expected = `URI:spiffe://${trustDomain}`;
    const certificate = new X509Certificate(bundle);
    const secret = createPrivateKey(caKey);
    const isOwn = certificate.checkPrivateKey(secret);
    const found = certificate.subjectAltName;
    if (!isOwn || found !== expected) {
      throw new IdentityError(
        'IDENTITY_KEY_FOREIGN',
        `expected the trust bundle of this CA key for ${expected}, found ${isOwn ? found : 'that of another key'}; restore CA key and anchors that belong together`,
      );
    }
    const pkcs8 = secret.export({ type: 'pkcs8', format: 'der' });
    return new Authority(
      bundle,
      await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    );
  }

  /** A key pair and a certificate that nobody has yet: the caller records it, then hands it out. */
  async issue(id: SpiffeId, seconds: number): Promise<Issued> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const now = Date.now();
    // X.509 knows whole seconds.
    const notAfter = new Date(Math.floor(now / 1000 + seconds) * 1000);
    const serial = randomBytes(16).toString('hex');
    const leaf = await x509.X509CertificateGenerator.create(
      {
        serialNumber: serial,
        issuer: this.#issuer.subject,
        subject: 'O=physiclaw, OU=workload',
        notBefore: new Date(now - BACKDATE_MS),
        notAfter,
        publicKey: keys.publicKey,
        signingKey: this.#key,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension([{ type: 'url', value: id }]),
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(this.#issuer, false, crypto),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
        ],
      },
      crypto,
    );
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      serial,
      update: {
        id,
        cert: leaf.toString('pem'),
        key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
        bundle: this.bundle,
        notAfter: notAfter.toISOString(),
        renewAt: new Date((now + notAfter.getTime()) / 2).toISOString(),
      },
    };
  }
}
