import { canonicalize, digestOf } from '@physiclaw/proof';
import { MANIFEST } from '../manifest/manifest.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'urn:physiclaw:bundle:v1';

/** What is signed (in-toto, v1): that this manifest is the one of a bundle. */
export function statementOf(manifest: Uint8Array): Buffer {
  return Buffer.from(
    canonicalize({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: MANIFEST, digest: { sha256: digestOf(manifest) } }],
      predicateType: PREDICATE_TYPE,
      predicate: {},
    }),
  );
}

/** The one text of a Sigstore bundle (v0.3) with a DSSE envelope of one signature by a bare key. */
export function sigstoreText(hint: string, payload: Uint8Array, signature: Uint8Array): string {
  return canonicalize({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      publicKey: { hint },
      timestampVerificationData: {},
    },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: Buffer.from(signature).toString('base64') }],
    },
  });
}
