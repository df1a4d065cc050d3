import type { Intent } from '@physiclaw/contracts';
import { describe, expect, test } from 'vitest';
import {
  canonicalize,
  digestOf,
  encodeBase64,
  hashIntent,
  readIntent,
  signerFromSeed,
  signIntent,
  verifyIntent,
} from '@physiclaw/proof';
import { byteChanges } from '../byte-changes.ts';

const refused = expect.objectContaining({ code: 'PROOF_INTENT_INVALID' });
const session = signerFromSeed(new Uint8Array(32).fill(1));
const stranger = signerFromSeed(new Uint8Array(32).fill(2));

const intent: Intent = {
  version: 1,
  session: `s-${'0'.repeat(32)}`,
  turn: `t-${'0'.repeat(32)}`,
  actuator: 'read_file',
  program: { path: '/usr/bin/true', digest: 'a'.repeat(64) },
  arguments: { path: 'notes.txt' },
  effects: ['read-workspace'],
  operands: [],
  tree: 'b'.repeat(64),
  base: 'host',
  environment: {},
  mounts: [],
  profile: {
    name: 'reader',
    driver: 'bubblewrap',
    limiter: 'rlimits',
    limits: {
      cpuSeconds: 1,
      memoryBytes: 1,
      processes: 1,
      outputBytes: 1,
      wallSeconds: 1,
    },
    network: 'none',
  },
  provenance: {},
  salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const text = canonicalize(intent);
const signature = signIntent(text, session);

describe('an intent', () => {
  test('is read from its canonical JSON', () => {
    expect(readIntent(text)).toEqual(intent);
  });

  test('is named by the SHA-256 of its bytes', () => {
    expect(hashIntent(text)).toBe(digestOf(new TextEncoder().encode(text)));
  });

  test.each([
    ['with a space', text.replace(':', ': ')],
    ['with a key that intents do not have', canonicalize({ ...intent, extra: 1 })],
    ['with a network', text.replace('"none"', '"host"')],
    ['that is no JSON', 'intent'],
  ])('%s cannot be read', (_, changed) => {
    expect(() => readIntent(changed)).toThrow(refused);
  });

  test("is the session's by its signature over a type, a zero byte and its bytes", () => {
    const message = new TextEncoder().encode(`physiclaw/intent/v1\0${text}`);
    expect(signature).toBe(encodeBase64(session.sign(message)));
    expect(verifyIntent(text, signature, session.did)).toBe(true);
  });

  test('is of no other session', () => {
    expect(verifyIntent(text, signature, stranger.did)).toBe(false);
    expect(verifyIntent(text, signIntent(text, stranger), session.did)).toBe(false);
    expect(verifyIntent(text, signature, 'did:web:example.com')).toBe(false);
  });

  test('is not what was signed after a change of one byte of it or of the signature', () => {
    const ofText = [...byteChanges(text)];
    const ofSignature = [...byteChanges(signature)];
    expect(ofText.filter((one) => verifyIntent(one, signature, session.did))).toEqual([]);
    expect(ofSignature.filter((one) => verifyIntent(text, one, session.did))).toEqual([]);
  });

  test('with a lone surrogate is nobody’s, since its bytes are those of another text', () => {
    const replaced = text.replace('notes', '\ufffd');
    const lone = text.replace('notes', '\ud800');
    expect(verifyIntent(lone, signIntent(replaced, session), session.did)).toBe(false);
  });
});
