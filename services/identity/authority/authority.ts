import 'reflect-metadata';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { Crypto, type CryptoKey } from '@peculiar/webcrypto';
import * as x509 from '@peculiar/x509';
import type { SpiffeId, SvidUpdate } from '@physiclaw/contracts';
import { IdentityError } from '../errors.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
// A clock that is set back by less than a step must not make an SVID one of the future.
const BACKDATE_MS = 120_000;
// Nothing takes one back yet, so it ends by itself.
const PERSON_SECONDS = 90 * 86_400;
const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;

// Where a CA key that cannot leave its device would sign instead.
const crypto = new Crypto();

/** Signs X.509 SVIDs; holds the CA key and gives it to nobody. */
export class Authority {
  readonly #bundle: string;
  readonly #issuer: x509.X509Certificate;
  readonly #key: CryptoKey;

  private constructor(bundle: string, key: CryptoKey) {
    this.#bundle = bundle;
    this.#issuer = new x509.X509Certificate(bundle);
    this.#key = key;
  }

  /**
   * `caKey` is PKCS#8 in PEM; `bundle` the certificate that everybody believes, in PEM.
   *
   * @throws IdentityError IDENTITY_KEY_FOREIGN unless key, bundle and trust domain are one.
   */
  static async open(caKey: string, bundle: string, trustDomain: string): Promise<Authority> {
    const key = createPrivateKey(caKey);
    const certificate = new X509Certificate(bundle);
    const expected = `URI:spiffe://${trustDomain}`;
    const isOwn = certificate.checkPrivateKey(key);
    const found = isOwn ? certificate.subjectAltName : 'that of another key';
    const message = `expected the trust bundle of this CA key for ${expected}, found ${found}; restore CA key and anchors that belong together`;
    IdentityError.demand(found === expected, 'IDENTITY_KEY_FOREIGN', message);
    const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
    const own = await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
    return new Authority(bundle, own);
  }

  /** A key pair and a certificate that nobody has yet: the caller records it, then hands it out. */
  async issue(id: SpiffeId, seconds: number): Promise<{ update: SvidUpdate; serial: string }> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const usages = [serverAuth, clientAuth];
    const { serial, ...signed } = await this.#sign(id, keys.publicKey, { seconds, usages });
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    const key = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
    const renewAt = new Date((Date.now() + Date.parse(signed.notAfter)) / 2).toISOString();
    return { update: { id, key, bundle: this.#bundle, renewAt, ...signed }, serial };
  }

  /**
   * A certificate for the key that signed this request (PKCS#10, base64); all else in it is ignored.
   *
   * @throws IdentityError IDENTITY_REQUEST_INVALID when nobody has shown to hold the key.
   */
  async certify(person: SpiffeId, request: string) {
    const message = 'expected a PKCS#10 request, signed by the key that it names; found another';
    const read = () => new x509.Pkcs10CertificateRequest(request);
    const asked = IdentityError.attempt('IDENTITY_REQUEST_INVALID', read, message);
    // What cannot be checked shows nothing.
    const isShown = await asked.verify(crypto).catch(() => false);
    IdentityError.demand(isShown, 'IDENTITY_REQUEST_INVALID', message);
    const usages = [clientAuth];
    return this.#sign(person, asked.publicKey, { seconds: PERSON_SECONDS, usages });
  }

  async #sign(
    id: SpiffeId,
    publicKey: CryptoKey | x509.PublicKey,
    { seconds, usages }: { seconds: number; usages: string[] },
  ) {
    const serial = randomBytes(16).toString('hex');
    // X.509 knows whole seconds.
    const notAfter = new Date(Math.floor(Date.now() / 1000 + seconds) * 1000);
    const leaf = await x509.X509CertificateGenerator.create(
      {
        serialNumber: serial,
        issuer: this.#issuer.subject,
        subject: `O=physiclaw, CN=${id.slice(id.lastIndexOf('/') + 1)}`,
        notBefore: new Date(Date.now() - BACKDATE_MS),
        notAfter,
        publicKey,
        signingKey: this.#key,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension([{ type: 'url', value: id }]),
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(usages),
          await x509.AuthorityKeyIdentifierExtension.create(this.#issuer, false, crypto),
        ],
      },
      crypto,
    );
    return { cert: leaf.toString('pem'), notAfter: notAfter.toISOString(), serial };
  }
}
