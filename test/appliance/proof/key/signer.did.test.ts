import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeHex, didOf, encodeHex, publicKeyOf } from '@physiclaw/proof';

const refused = expect.objectContaining({ code: 'PROOF_KEY_INVALID' });
const DID = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';
const KEY = '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29';

test('the did:key of the key whose seed is all zeros is the published one', () => {
  expect(didOf(decodeHex(KEY))).toBe(DID);
  expect(encodeHex(publicKeyOf(DID))).toBe(KEY);
});

test('every key comes back from its did:key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(didOf(key)).toMatch(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
      expect(publicKeyOf(didOf(key))).toEqual(key);
    }),
  );
});

test('a key of another length has no did:key', () => {
  expect(() => didOf(new Uint8Array(31))).toThrow(refused);
});

test.each([
  ['another method', DID.replace('key', 'web')],
  ['a fragment', `${DID}#key`],
  ['a digit less', DID.slice(0, -1)],
  ['a leading zero', DID.replace('z6', 'z16')],
  ['a character of another alphabet', DID.replace('6Mk', '6M0')],
  ['a key of another kind', 'did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc'],
  ['a number too large', `did:key:z${'z'.repeat(47)}`],
  ['a number too small', `did:key:z${'1'.repeat(47)}`],
  ['nothing', ''],
])('%s is refused', (_, did) => {
  expect(() => publicKeyOf(did)).toThrow(refused);
});

// From the did:key method's specification, "P-256".
test.each([
  'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169',
  'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv',
])('%s is a compressed point of P-256', (did) => {
  const key = publicKeyOf(did);

  expect(key).toHaveLength(33);
  expect([2, 3]).toContain(key[0]);
  expect(didOf(key)).toBe(did);
});
