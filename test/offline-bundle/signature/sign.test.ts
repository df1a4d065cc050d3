import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { expect, test } from 'vitest';
import { fingerprintOf } from '#offline-bundle/signature/key.ts';
import { signManifest } from '#offline-bundle/signature/sign.ts';
import { newKeys } from '#test/bundle/small/bundle.ts';

test('a stranger to this product verifies it with the library of Sigstore', async () => {
  const { publicKey, privateKey } = newKeys();
  const text = (await signManifest(Buffer.from('{}'), privateKey)).toString();
  const trust = toTrustMaterial(
    TrustedRoot.fromJSON({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    }),
    {
      [fingerprintOf(publicKey)]: {
        rawBytes: publicKey.export({ type: 'spki', format: 'der' }),
        keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      },
    },
  );
  const verifier = new Verifier(trust, {
    ctlogThreshold: 0,
    tlogThreshold: 0,
    timestampThreshold: 0,
  });

  expect(verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(text)))).key).toBeDefined();
});
