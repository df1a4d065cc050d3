import { expect, test } from 'vitest';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';

const EMPTY_MAP = 'bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua';

test('the CID of bytes is CIDv1, dag-cbor, sha2-256, in base32', () => {
  expect(Cid.of(Uint8Array.of(0xa0)).toString()).toBe(EMPTY_MAP);
});

test('a CID comes back from its text', () => {
  expect(Cid.parse(EMPTY_MAP)).toEqual(Cid.of(Uint8Array.of(0xa0)));
});

test.each([
  '',
  EMPTY_MAP.slice(1),
  `z${EMPTY_MAP.slice(1)}`,
  `b${EMPTY_MAP.slice(1).toUpperCase()}`,
])('%j is no CID in base32', (text) => {
  expect(() => Cid.parse(text)).toThrow(
    expect.objectContaining({ code: 'PROOF_ENCODING_INVALID' }),
  );
});
