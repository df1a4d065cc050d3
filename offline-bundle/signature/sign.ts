import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { canonicalize } from '@physiclaw/proof';
import { bundleToJSON } from '@sigstore/bundle';
// Not from its index: that loads clients of signing servers, and nothing here may reach out.
import { DSSEBundleBuilder } from '@sigstore/sign/dist/bundler/dsse.js';
import { fingerprintOf, publicPemOf } from './key.ts';
import { isLowS } from './low-s.ts';
import { PAYLOAD_TYPE, statementOf } from './statement.ts';

/** The Sigstore bundle that says who made this manifest. Nothing is asked of any server. */
export async function signManifest(manifest: Uint8Array, key: KeyObject): Promise<Buffer> {
  const publicKey = publicPemOf(key);
  const hint = fingerprintOf(createPublicKey(key));
  const builder = new DSSEBundleBuilder({
    signer: {
      sign: (data) =>
        Promise.resolve({
          signature: signLowS(data, key),
          key: { $case: 'publicKey', publicKey, hint },
        }),
    },
    witnesses: [],
  });
  const bundle = await builder.create({ data: statementOf(manifest), type: PAYLOAD_TYPE });
  const [signature] = bundle.content.dsseEnvelope.signatures;
  // cosign takes a key's name in the envelope for a key that it should look up, and refuses.
  if (signature) signature.keyid = '';
  return Buffer.from(canonicalize(bundleToJSON(bundle)));
}

/** Half of all signatures have the higher s: another try gives another one. */
function signLowS(data: Uint8Array, key: KeyObject): Buffer {
  for (;;) {
    const signature = sign('sha256', data, key);
    if (isLowS(signature)) return signature;
  }
}
