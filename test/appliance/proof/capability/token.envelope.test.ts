import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { signerFromSeed } from '@physiclaw/proof';
import { type Kind, open, seal } from '#appliance/proof/capability/token.ts';
import { type Cbor, type CborMap, encodeCbor } from '#appliance/proof/encoding/dag-cbor.ts';

const alice = signerFromSeed(new Uint8Array(32).fill(1));
const bob = signerFromSeed(new Uint8Array(32).fill(2));
const payload = { iss: alice.did };
const Payload = z.object({ iss: z.literal(alice.did) });
const VARSIG = Uint8Array.of(0x34, 0x01, 0xed, 0x01, 0xed, 0x01, 0x13, 0x71);

/** An envelope around any content, signed by Alice. */
function around(content: Cbor, ...rest: Cbor[]): Uint8Array {
  return encodeCbor([alice.sign(encodeCbor(content)), content, ...rest]);
}

describe.each<[Kind, string]>([
  ['DELEGATION', 'dlg'],
  ['INVOCATION', 'inv'],
])('an envelope of a %s', (kind, spec) => {
  const tag = `ucan/${spec}@1.0.0`;
  const sealed = seal(kind, payload, alice);

  test('opens for what its issuer signed', () => {
    expect(open(kind, sealed.bytes, Payload)).toEqual(payload);
    expect(sealed.bytes).toEqual(around({ h: VARSIG, [tag]: payload }));
  });

  test('opens in the words of the release candidate too', () => {
    const content = { h: VARSIG, [`${tag}-rc.1`]: payload };
    expect(open(kind, around(content), Payload)).toEqual(payload);
  });

  test('that somebody else signed is refused', () => {
    expect(() => open(kind, seal(kind, payload, bob).bytes, Payload)).toThrow(
      expect.objectContaining({ code: `PROOF_${kind}_SIGNATURE` }),
    );
  });

  const content: CborMap = { h: VARSIG, [tag]: payload };
  test.each<[string, Uint8Array]>([
    ['is no CBOR', Uint8Array.of(0xff)],
    ['is a map', encodeCbor({})],
    ['has a third part', around(content, 1)],
    ['has one part', encodeCbor([alice.sign(encodeCbor(content))])],
    ['has a signature that is no bytes', encodeCbor(['', content])],
    ['has content that is no map', around([])],
    ['has something beside the payload', around({ ...content, x: 1 })],
    ['has both versions', around({ ...content, [`${tag}-rc.1`]: payload })],
    ['has another version', around({ h: VARSIG, [`ucan/${spec}@2.0.0`]: payload })],
    ['has no header', around({ [tag]: payload, x: 1 })],
    ['has another algorithm', around({ h: VARSIG.with(2, 0xec), [tag]: payload })],
    ['has another payload', around({ h: VARSIG, [tag]: { iss: bob.did } })],
  ])('that %s is refused', (_, bytes) => {
    expect(() => open(kind, bytes, Payload)).toThrow(
      expect.objectContaining({ code: `PROOF_${kind}_MALFORMED` }),
    );
  });

  test('whose issuer is no key is refused', () => {
    const nobody = { iss: alice.did.replace('z6Mk', 'z6Mj') };
    expect(() =>
      open(kind, seal(kind, nobody, alice).bytes, z.object({ iss: z.string() })),
    ).toThrow(expect.objectContaining({ code: `PROOF_${kind}_MALFORMED` }));
  });

  test('is not opened in another encoding of the same values', () => {
    // An array head of two bytes where one does.
    const longer = Uint8Array.from([0x98, 2, ...sealed.bytes.subarray(1)]);
    expect(() => open(kind, longer, Payload)).toThrow(
      expect.objectContaining({ code: `PROOF_${kind}_MALFORMED` }),
    );
  });
});
