import type { KeyObject } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import { z } from 'zod';
import { BundleError, type BundleCode } from '../error.ts';
import { SIGNATURE } from '../manifest/manifest.ts';
import { fingerprintOf } from './key.ts';
import { isLowS } from './low-s.ts';
import { sigstoreText, statementOf } from './statement.ts';

/** The two values of a Sigstore bundle that are not given by the manifest. */
const Free = z.looseObject({
  verificationMaterial: z.looseObject({ publicKey: z.looseObject({ hint: z.string() }) }),
  dsseEnvelope: z.looseObject({ signatures: z.tuple([z.looseObject({ sig: z.base64() })]) }),
});

// A key needs no certificate, log or time stamp authority: the trusted root names none.
const NOBODY = TrustedRoot.fromJSON({
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
});

/**
 * Checks that this key signed this manifest, and that the Sigstore bundle says that and nothing else.
 *
 * @throws BundleError BUNDLE_KEY_UNTRUSTED when it names another key.
 * @throws BundleError BUNDLE_SIGNATURE_INVALID for whatever else is not as it is written by us.
 */
export function checkSignature(manifest: Uint8Array, sigstore: Uint8Array, key: KeyObject): void {
  const text = Buffer.from(sigstore).toString('utf8');
  const { value, hint, signature } = freeOf(text);
  const trusted = fingerprintOf(key);
  if (hint !== trusted) {
    throw refusal(
      'BUNDLE_KEY_UNTRUSTED',
      `expected a signature of ${trusted}, found one of ${hint}`,
    );
  }
  if (!isLowS(signature))
    throw refusal('BUNDLE_SIGNATURE_INVALID', 'expected a low s in plain DER');
  if (sigstoreText(hint, statementOf(manifest), signature) !== text) {
    throw refusal(
      'BUNDLE_SIGNATURE_INVALID',
      'expected a statement about this manifest, found another',
    );
  }
  const trust = toTrustMaterial(NOBODY, {
    [trusted]: {
      rawBytes: key.export({ type: 'spki', format: 'der' }),
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
    },
  });
  const none = { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 };
  try {
    new Verifier(trust, none).verify(toSignedEntity(bundleFromJSON(value)));
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    throw refusal('BUNDLE_SIGNATURE_INVALID', cause.message, cause);
  }
}

function freeOf(text: string): { value: unknown; hint: string; signature: Buffer } {
  try {
    const value: unknown = JSON.parse(text);
    const { verificationMaterial, dsseEnvelope } = Free.parse(value);
    const signature = Buffer.from(dsseEnvelope.signatures[0].sig, 'base64');
    return { value, hint: verificationMaterial.publicKey.hint, signature };
  } catch (cause) {
    throw refusal('BUNDLE_SIGNATURE_INVALID', 'expected a Sigstore bundle of one key', cause);
  }
}

function refusal(code: BundleCode, message: string, cause?: unknown): BundleError {
  const place = { blob: SIGNATURE, offset: 0 };
  return new BundleError(code, `${SIGNATURE}: ${message}`, { cause, place });
}
