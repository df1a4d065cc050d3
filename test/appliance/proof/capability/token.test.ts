import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeBase64, delegate, invoke, signerFromSeed } from '@physiclaw/proof';
import { openDelegation, openInvocation } from '#appliance/proof/capability/token.ts';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';
import { changedBytes, passing } from '../byte-changes.ts';

const VECTORS = process.env['VECTORS'];
const alice = signerFromSeed(new Uint8Array(32).fill(1));
const bob = signerFromSeed(new Uint8Array(32).fill(2));
const options = {
  signer: alice,
  aud: bob.did,
  sub: alice.did,
  cmd: '/tool/act',
  pol: [['==', '.path', 'a']],
  exp: 1000,
} as const;
const delegation = delegate(options);
const asked = {
  signer: bob,
  sub: alice.did,
  cmd: '/tool/act',
  args: { path: 'a' },
  prf: [delegation.cid],
  exp: null,
} as const;
const invocation = invoke(asked);

describe('a delegation', () => {
  test('says what it was made to say', () => {
    const full = delegate({ ...options, nbf: 5, meta: { a: 1 }, nonce: Uint8Array.of(9) });
    expect(openDelegation(full.bytes)).toEqual({
      iss: alice.did,
      aud: bob.did,
      sub: alice.did,
      cmd: '/tool/act',
      pol: [['==', '.path', 'a']],
      exp: 1000,
      nbf: 5,
      meta: { a: 1 },
      nonce: Uint8Array.of(9),
    });
  });

  test('is named by its bytes, and no two are alike', () => {
    expect(delegation.cid).toBe(Cid.of(delegation.bytes).toString());
    expect(delegation.cid).toMatch(/^bafyrei[a-z2-7]{52}$/);
    expect(delegate(options).cid).not.toBe(delegation.cid);
  });

  test('is refused after every change of one byte', () => {
    const changes = changedBytes(delegation.bytes);
    expect(passing(changes, 'PROOF_DELEGATION_', openDelegation)).toEqual([]);
  });

  test('is no invocation', () => {
    expect(() => openInvocation(delegation.bytes)).toThrow(
      expect.objectContaining({ code: 'PROOF_INVOCATION_MALFORMED' }),
    );
  });

  test.each([
    ['a command without its slash', { cmd: 'tool' }],
    ['a command that ends in a slash', { cmd: '/tool/' }],
    ['a command with an empty segment', { cmd: '/tool//act' }],
    ['a command in capitals', { cmd: '/Tool' }],
    ['an audience that is no key', { aud: 'did:web:example.com' }],
    ['half a second', { exp: 0.5 }],
    ['a selector that is none', { pol: [['==', 'path', 'a']] as const }],
  ])('with %s is malformed', (_, change) => {
    expect(() => openDelegation(delegate({ ...options, ...change }).bytes)).toThrow(
      expect.objectContaining({ code: 'PROOF_DELEGATION_MALFORMED' }),
    );
  });
});

describe('an invocation', () => {
  test('says what it was made to say', () => {
    const full = invoke({ ...asked, meta: { a: 1 }, nonce: Uint8Array.of(9) });
    expect(openInvocation(full.bytes)).toEqual({
      iss: bob.did,
      sub: alice.did,
      cmd: '/tool/act',
      args: { path: 'a' },
      prf: [Cid.parse(delegation.cid)],
      exp: null,
      meta: { a: 1 },
      nonce: Uint8Array.of(9),
    });
  });

  test('is refused after every change of one byte', () => {
    const changes = changedBytes(invocation.bytes);
    expect(passing(changes, 'PROOF_INVOCATION_', openInvocation)).toEqual([]);
  });

  test('is no delegation', () => {
    expect(() => openDelegation(invocation.bytes)).toThrow(
      expect.objectContaining({ code: 'PROOF_DELEGATION_MALFORMED' }),
    );
  });

  test('cites CIDs only', () => {
    expect(() => invoke({ ...asked, prf: ['delegation'] })).toThrow(
      expect.objectContaining({ code: 'PROOF_ENCODING_INVALID' }),
    );
  });
});

const Fixture = z.object({
  token: z.string(),
  cid: z.string(),
  envelope: z.object({
    payload: z.object({
      aud: z.string(),
      sub: z.string(),
      cmd: z.string(),
      exp: z.number(),
      nonce: z.string(),
    }),
  }),
});
const Fixtures = z.object({
  principals: z.object({ bob: z.string() }),
  valid: z.tuple([Fixture]),
});

test.skipIf(!VECTORS)('the delegation of UCAN 1.0.0 is made byte for byte (needs VECTORS)', () => {
  const file = join(VECTORS ?? '', 'ucan/fixtures/1.0.0/delegation.json');
  const { principals, valid } = Fixtures.parse(JSON.parse(readFileSync(file, 'utf8')));
  const [{ token, cid, envelope }] = valid;
  const { payload } = envelope;
  // A seed behind the two bytes of its multicodec.
  const signer = signerFromSeed(decodeBase64(principals.bob).subarray(2));
  const made = delegate({
    signer,
    aud: payload.aud,
    sub: payload.sub,
    cmd: payload.cmd,
    pol: [],
    exp: payload.exp,
    nonce: decodeBase64(payload.nonce),
  });
  expect(made).toEqual({ bytes: decodeBase64(token), cid });
  expect(openDelegation(made.bytes).iss).toBe(signer.did);
});
