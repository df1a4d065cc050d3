import { createHash, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { made, member, offline, versionOf } from './made.ts';

// Names no certificate authority and no log: a key needs none, and cosign then looks for none.
const TRUSTED_ROOT = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };
const Statement = z.object({
  subject: z.tuple([z.object({ digest: z.object({ sha256: z.string() }) })]),
});

let folder = '';
const place = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-opinions-'));
  writeFileSync(place('root.json'), JSON.stringify(TRUSTED_ROOT));
  writeFileSync(place('manifest.json'), member('manifest.json'));
  writeFileSync(place('sigstore.json'), member('manifest.sigstore.json'));
  const changed = member('manifest.json');
  changed.writeUInt8((changed[100] ?? 0) ^ 1, 100);
  writeFileSync(place('changed.json'), changed);
});
afterAll(() => rmSync(folder, { recursive: true }));

function byCosign(manifest: string) {
  return offline(made.cosign, [
    'verify-blob-attestation',
    '--new-bundle-format',
    `--bundle=${place('sigstore.json')}`,
    `--key=${made.key}`,
    `--trusted-root=${place('root.json')}`,
    '--insecure-ignore-tlog=true',
    '--type=urn:physiclaw:bundle:v1',
    place(manifest),
  ]);
}

test('our command says yes, without a network', () => {
  const { code, said } = offline('bin/physiclaw', [
    'bundle',
    'verify',
    made.bundle,
    '--key',
    made.key,
  ]);
  process.stdout.write(said);

  expect(code).toBe(0);
  expect(said).toMatch(/\d+ blobs, \d+ bytes, each as signed/);
});

test('the library of Sigstore says yes, and names this manifest', () => {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(place('sigstore.json'), 'utf8')));
  const rawBytes = createPublicKey(readFileSync(made.key)).export({ type: 'spki', format: 'der' });
  const key = { rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256 };
  const trust = toTrustMaterial(TrustedRoot.fromJSON(TRUSTED_ROOT), {
    [`SHA256:${createHash('sha256').update(rawBytes).digest('hex')}`]: key,
  });
  const none = { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 };
  new Verifier(trust, none).verify(toSignedEntity(bundle));
  if (bundle.content.$case !== 'dsseEnvelope') throw new Error('expected a DSSE envelope');
  const { subject } = Statement.parse(JSON.parse(bundle.content.dsseEnvelope.payload.toString()));
  process.stdout.write('@sigstore/verify: verified\n');

  expect(subject[0].digest.sha256).toBe(
    createHash('sha256')
      .update(readFileSync(place('manifest.json')))
      .digest('hex'),
  );
});

test('cosign of Debian says yes, without a network, and no to another manifest', () => {
  const verdict = byCosign('manifest.json');
  process.stdout.write(
    `cosign ${versionOf('cosign')}: ${verdict.said.trimEnd().split('\n').at(-1)}\n`,
  );

  expect(verdict.code).toBe(0);
  expect(byCosign('changed.json').code).not.toBe(0);
});
