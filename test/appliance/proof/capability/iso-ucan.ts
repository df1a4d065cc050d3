import { createPublicKey, verify } from 'node:crypto';
import type { Signer } from '@physiclaw/proof';
import type { Delegation } from 'iso-ucan/delegation';
import type { Invocation } from 'iso-ucan/invocation';
import { z } from 'zod';

type CreateOptions = Parameters<typeof Delegation.create>[0];
type FromOptions = Parameters<typeof Invocation.from>[0];

/** Our key as iso-ucan takes one. */
export function isoSigner({ did, sign }: Signer): CreateOptions['iss'] {
  const signer = {
    did,
    signatureType: 'Ed25519',
    sign: (message: Uint8Array) => Promise.resolve(sign(message)),
    toString: () => did,
  };
  return z.custom<CreateOptions['iss']>().parse(signer);
}

// Its own signature check needs packages of its own: Node's does as well, and is not ours either.
export const isoVerifier = z.custom<FromOptions['verifierResolver']>().parse({
  verify: ({ signature, message, did }: IsoSignature) => {
    const x = Buffer.from(did.verifiableDid.publicKey).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return Promise.resolve(verify(null, message, key, signature));
  },
});

interface IsoSignature {
  signature: Uint8Array;
  message: Uint8Array;
  did: { verifiableDid: { publicKey: Uint8Array } };
}

export function asDid(did: string): CreateOptions['aud'] {
  return z.custom<CreateOptions['aud']>().parse(did);
}
