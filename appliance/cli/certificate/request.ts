import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

export interface OwnKey {
  /** PKCS#8 in PEM. */
  readonly key: string;
  /** PKCS#10 in DER: asks for a certificate for the key, which signs it. */
  readonly request: Uint8Array;
}

const generate = promisify(generateKeyPair);

/** A key that nobody else has seen: RSA, since older smart-card tools take no other. */
export async function createOwnKey(bits = 3072): Promise<OwnKey> {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const asked = forge.pki.createCertificationRequest();
  asked.publicKey = forge.pki.publicKeyFromPem(publicKey);
  asked.setSubject([{ name: 'organizationName', value: 'physiclaw' }]);
  asked.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  const der = forge.asn1.toDer(forge.pki.certificationRequestToAsn1(asked)).getBytes();
  return { key: privateKey, request: Buffer.from(der, 'latin1') };
}
