import { describe, expect, test } from 'vitest';
import {
  decodeHex,
  encodeHex,
  generateSeed,
  publicKeyOf,
  signerFromSeed,
  verifySignature,
} from '@physiclaw/proof';
import { isSigned } from '#appliance/proof/key/signer.ts';

const refused = expect.objectContaining({ code: 'PROOF_KEY_INVALID' });
// RFC 8032, section 7.1, test 3.
const SEED = decodeHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
const KEY = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
const MESSAGE = Uint8Array.of(0xaf, 0x82);
const SIGNATURE =
  '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
  '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a';

describe('a signer', () => {
  test('signs as RFC 8032, section 7.1, says', () => {
    const signer = signerFromSeed(SEED);
    expect(encodeHex(signer.publicKey)).toBe(KEY);
    expect(encodeHex(signer.sign(MESSAGE))).toBe(SIGNATURE);
    expect(verifySignature(publicKeyOf(signer.did), MESSAGE, decodeHex(SIGNATURE))).toBe(true);
    expect(verifySignature(signer.publicKey, MESSAGE, decodeHex(SIGNATURE))).toBe(true);
  });

  test('does not show its seed', () => {
    const signer = signerFromSeed(SEED);
    expect(Object.keys(signer)).toEqual(['publicKey', 'did', 'sign']);
  });

  test('a seed is 32 bytes, new each time', () => {
    expect(generateSeed()).toHaveLength(32);
    expect(generateSeed()).not.toEqual(generateSeed());
    expect(() => signerFromSeed(new Uint8Array(33))).toThrow(refused);
  });

  test('a public key of another length is none', () => {
    expect(() => verifySignature(new Uint8Array(31), MESSAGE, new Uint8Array(64))).toThrow(refused);
  });

  test('a signature of another length is none', () => {
    expect(verifySignature(decodeHex(KEY), MESSAGE, decodeHex(SIGNATURE).subarray(1))).toBe(false);
  });

  test('a signature that cannot be read has signed nothing, and a fault is no answer', () => {
    const { did } = signerFromSeed(SEED);
    expect(isSigned(did, () => MESSAGE, 'no base64')).toBe(false);
    expect(() => isSigned(did, unreadable, '')).toThrow('a fault');
  });

  test('keys keep working when more of them came than are kept', () => {
    const first = signerFromSeed(SEED);
    for (let count = 0; count < 300; count++) {
      const { publicKey, sign } = signerFromSeed(generateSeed());
      expect(verifySignature(publicKey, MESSAGE, sign(MESSAGE))).toBe(true);
    }
    expect(verifySignature(first.publicKey, MESSAGE, first.sign(MESSAGE))).toBe(true);
  });
});

function unreadable(): never {
  throw new TypeError('a fault');
}
