import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import { expect, test } from 'vitest';
import { createOwnKey } from '#appliance/cli/certificate/request.ts';

test('a request is signed by the key that it asks for', async () => {
  const { key, request } = await createOwnKey(2048);
  const asked = forge.pki.certificationRequestFromAsn1(
    forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(request).toString('latin1'))),
  );

  expect(asked.verify()).toBe(true);
  expect(createPrivateKey(key).asymmetricKeyType).toBe('rsa');
});

test('each key is another', async () => {
  const [one, other] = [await createOwnKey(2048), await createOwnKey(2048)];

  expect(one.key).not.toBe(other.key);
});
