import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { decodeBase64, digestOf, logVerifier, type Signer, signerFromSeed } from '@physiclaw/proof';
import { SealError } from './error.ts';
import type { RootSecret } from './secret.ts';

/** What everybody may know of one root secret, and what trust in this appliance hangs on. */
interface Anchor {
  readonly file: string;
  /** The secret that it stands for. */
  readonly secret: RootSecret;
  make(secret: string, trustDomain: string): string | Promise<string>;
  /** What an anchor of this secret, in this trust domain, says. */
  expected(secret: string, trustDomain: string): string;
  /** What this text says. */
  found(text: string): string;
}

const itself = (text: string) => text;
const logKey = (seed: string, trustDomain: string) =>
  logVerifier(`${trustDomain}/log`, signerOf(seed).publicKey);
const authority = (seed: string) => signerOf(seed).did;

/** Every anchor, in the order in which genesis writes them. */
export const anchors: readonly Anchor[] = [
  { file: 'log.vkey', secret: 'log-key', make: logKey, expected: logKey, found: itself },
  {
    file: 'authority.did',
    secret: 'authority-key',
    make: authority,
    expected: authority,
    found: itself,
  },
  {
    file: 'trust-bundle.pem',
    secret: 'ca-key',
    async make(caKey, trustDomain) {
      // Loaded here only: each command that starts the stack would otherwise pay for it.
      const { certifyAuthority } = await import('./certificate.ts');
      return certifyAuthority(caKey, trustDomain);
    },
    expected: (caKey, trustDomain) =>
      authorityOf(`URI:spiffe://${trustDomain}`, publicKeyOf(caKey)),
    found: describeCertificate,
  },
];

/** A certificate cannot be made twice alike; any will do that says the same. */
function describeCertificate(pem: string): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    // The caller names the file and what should stand there; how it is broken helps nobody.
    return 'no certificate';
  }
  const { ca, publicKey, subjectAltName } = certificate;
  if (!ca || !certificate.verify(publicKey))
    return 'a certificate that is no self-signed authority';
  return authorityOf(subjectAltName ?? 'no name', publicKey);
}

function authorityOf(name: string, publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return `the authority of ${name} with the key ${digestOf(spki)}`;
}

function signerOf(seed: string): Signer {
  return parsed('32 bytes in base64', () => signerFromSeed(decodeBase64(seed)));
}

function publicKeyOf(caKey: string): KeyObject {
  return parsed('a PKCS#8 key of the curve P-256 in PEM', () => {
    const key = createPrivateKey(caKey);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return createPublicKey(key);
    throw new Error('expected another key');
  });
}

function parsed<Value>(expected: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    const message = `expected a secret that is ${expected}; restore it from your backup`;
    throw new SealError('SEAL_SECRET_MALFORMED', message, { cause });
  }
}
