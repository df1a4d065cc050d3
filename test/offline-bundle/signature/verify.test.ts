import { sign } from 'node:crypto';
import { canonicalize } from '@physiclaw/proof';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fingerprintOf } from '#offline-bundle/signature/key.ts';
import { isLowS } from '#offline-bundle/signature/low-s.ts';
import { signManifest } from '#offline-bundle/signature/sign.ts';
import { PAYLOAD_TYPE, sigstoreText, statementOf } from '#offline-bundle/signature/statement.ts';
import { checkSignature } from '#offline-bundle/signature/verify.ts';
import { newKeys } from '#test/bundle/small/bundle.ts';
import { otherS } from './other-s.ts';

/** As much of a Sigstore bundle as is changed here. */
const Loose = z.looseObject({
  mediaType: z.string(),
  verificationMaterial: z.looseObject({ tlogEntries: z.array(z.string()).optional() }),
  dsseEnvelope: z.looseObject({
    signatures: z.array(z.looseObject({ keyid: z.string().optional(), sig: z.string() })),
  }),
});
type Loose = z.infer<typeof Loose>;
type Signature = Loose['dsseEnvelope']['signatures'][number];

const MANIFEST = Buffer.from('{"a":1}');
const { publicKey, privateKey } = newKeys();
const code = (name: string) => expect.objectContaining({ code: name });
const invalid = code('BUNDLE_SIGNATURE_INVALID');

let sigstore = '';
beforeAll(async () => {
  sigstore = (await signManifest(MANIFEST, privateKey)).toString();
});

function check(text: string, manifest: Uint8Array = MANIFEST): void {
  checkSignature(manifest, Buffer.from(text), publicKey);
}

test('a signature by the key is accepted', () => {
  expect(() => check(sigstore)).not.toThrow();
});

test('every signature that is made is the lower of its two, and accepted', async () => {
  for (let n = 0; n < 20; n++) {
    const text = (await signManifest(MANIFEST, privateKey)).toString();

    expect(() => check(text)).not.toThrow();
  }
});

test('the signature of another key is refused by the name of that key', async () => {
  const other = newKeys();
  const text = (await signManifest(MANIFEST, other.privateKey)).toString();

  expect(() => check(text)).toThrow(code('BUNDLE_KEY_UNTRUSTED'));
  expect(() => check(text)).toThrow(fingerprintOf(other.publicKey));
});

test('the signature of another key under the name of the trusted one is refused', () => {
  const { privateKey: other } = newKeys();

  expect(() => check(signedBy(other, statementOf(MANIFEST)))).toThrow(invalid);
});

test('a statement about another manifest is refused', () => {
  expect(() => check(sigstore, Buffer.from('{"a":2}'))).toThrow(invalid);
});

test('another statement of the trusted key is refused', () => {
  const text = statementOf(MANIFEST).toString();
  const other = Buffer.from(text.replace('urn:physiclaw:bundle:v1', 'urn:else'));

  expect(() => check(signedBy(privateKey, statementOf(MANIFEST)))).not.toThrow();
  expect(() => check(signedBy(privateKey, other))).toThrow(invalid);
});

describe('there is one text for a signature', () => {
  const changes: readonly (readonly [string, (value: Loose, first: Signature) => unknown])[] = [
    ['a name of the key in the envelope', (_, first) => (first.keyid = 'x')],
    ['a second signature', ({ dsseEnvelope }) => dsseEnvelope.signatures.push({ sig: '' })],
    ['no signature', ({ dsseEnvelope }) => dsseEnvelope.signatures.pop()],
    ['an entry of a log', ({ verificationMaterial }) => (verificationMaterial.tlogEntries = [])],
    ['another version', (value) => (value.mediaType = value.mediaType.replace('0.3', '0.2'))],
    ['a key that nobody knows', (value) => Object.assign(value, { more: 1 })],
    ['the other s', (_, first) => (first.sig = twinOf(first.sig))],
    ['no bits of a signature', (_, first) => (first.sig = '')],
  ];

  test.each(changes)('with %s it is refused', (_, change) => {
    const value = Loose.parse(JSON.parse(sigstore));
    const [first] = value.dsseEnvelope.signatures;
    if (first) change(value, first);

    expect(() => check(canonicalize(value))).toThrow(invalid);
  });

  test.each([
    ['a space', (text: string) => text.replace(':', ': ')],
    ['a line feed', (text: string) => `${text}\n`],
    ['Base64 without its end', (text: string) => text.replace('="}', '"}').replace('=","', '","')],
    ['no JSON', () => 'signature'],
    ['nothing', () => ''],
  ])('%s more or less is refused', (_, change) => {
    expect(() => check(change(sigstore))).toThrow(invalid);
  });
});

function twinOf(sig = ''): string {
  return otherS(Buffer.from(sig, 'base64')).toString('base64');
}

/** A Sigstore bundle in our form, made here: DSSE's message, by its specification. */
function signedBy(key: typeof privateKey, payload: Buffer): string {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  const message = Buffer.concat([Buffer.from(head), payload]);
  const signature = sign('sha256', message, key);
  const lower = isLowS(signature) ? signature : otherS(signature);
  return sigstoreText(fingerprintOf(publicKey), payload, lower);
}
