import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeHex, encodeHex } from '@physiclaw/proof';
import * as browser from '#appliance/proof/crypto.browser.ts';
import * as node from '#appliance/proof/crypto.ts';

const VECTORS = process.env['VECTORS'];
const SEED = decodeHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
const MESSAGE = Uint8Array.of(0xaf, 0x82);

const Wycheproof = z.object({
  testGroups: z.array(
    z.object({
      publicKey: z.object({ pk: z.string() }),
      tests: z.array(
        z.object({
          comment: z.string(),
          msg: z.string(),
          sig: z.string(),
          result: z.enum(['valid', 'invalid']),
        }),
      ),
    }),
  ),
});

describe.each([
  ['node', node],
  ['browser', browser satisfies typeof node],
])('the %s twin', (_, crypto) => {
  test('hashes, signs and verifies as the other does', () => {
    const { publicKey, sign } = crypto.importSeed(SEED);
    const other = node.importSeed(SEED);
    expect(crypto.sha256Of(MESSAGE)).toEqual(node.sha256Of(MESSAGE));
    expect(publicKey).toEqual(other.publicKey);
    expect(sign(MESSAGE)).toEqual(other.sign(MESSAGE));
    expect(crypto.verifyEd25519(publicKey, MESSAGE, sign(MESSAGE))).toBe(true);
  });

  test('draws as many random bytes as it is asked for', () => {
    expect(crypto.randomBytes(7)).toHaveLength(7);
    expect(crypto.randomBytes(16)).not.toEqual(crypto.randomBytes(16));
  });

  test('gives bytes that are not a Buffer', () => {
    const { publicKey, sign } = crypto.importSeed(SEED);
    for (const bytes of [crypto.sha256Of(MESSAGE), publicKey, sign(MESSAGE)]) {
      expect(bytes.constructor).toBe(Uint8Array);
    }
  });

  test('refuses a signature with one bit changed, or with its twin scalar', () => {
    const { publicKey, sign } = crypto.importSeed(SEED);
    const signature = sign(MESSAGE);
    expect(crypto.verifyEd25519(publicKey, MESSAGE, malleated(signature))).toBe(false);
    expect(crypto.verifyEd25519(publicKey, Uint8Array.of(1), signature)).toBe(false);
    for (const [at, byte] of signature.entries()) {
      const changed = signature.with(at, byte ^ 1);
      expect(crypto.verifyEd25519(publicKey, MESSAGE, changed)).toBe(false);
    }
  });

  test('refuses what only the looser rules of ZIP 215 would take', () => {
    // The neutral point as key, its other encoding as R, and a zero: it satisfies the equation.
    const neutral = new Uint8Array(32).with(0, 1);
    const looser = Uint8Array.from([0xee, ...new Uint8Array(30).fill(0xff), 0x7f]);
    const signature = Uint8Array.from([...looser, ...new Uint8Array(32)]);
    expect(crypto.verifyEd25519(neutral, MESSAGE, signature)).toBe(false);
  });

  test.skipIf(!VECTORS)('agrees with Wycheproof on Ed25519 (needs VECTORS)', () => {
    const file = join(VECTORS ?? '', 'wycheproof/ed25519.json');
    const { testGroups } = Wycheproof.parse(JSON.parse(readFileSync(file, 'utf8')));
    const tests = testGroups.flatMap(({ publicKey, tests: group }) =>
      group.map((one) => ({ ...one, key: decodeHex(publicKey.pk) })),
    );
    expect(tests.length).toBeGreaterThan(100);
    for (const { key, msg, sig, result, comment } of tests) {
      const signature = decodeHex(sig);
      const held = signature.length === 64 && crypto.verifyEd25519(key, decodeHex(msg), signature);
      expect([comment, held]).toEqual([comment, result === 'valid']);
    }
  });
});

// The scalar plus the group's order satisfies the same equation, and RFC 8032 forbids it.
function malleated(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const scalar = BigInt(`0x${encodeHex(signature.slice(32).toReversed())}`) + order;
  const bytes = decodeHex(scalar.toString(16).padStart(64, '0')).toReversed();
  return Uint8Array.from([...signature.slice(0, 32), ...bytes]);
}
