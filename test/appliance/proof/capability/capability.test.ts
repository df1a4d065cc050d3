import { Delegation as IsoDelegation } from 'iso-ucan/delegation';
import { Invocation as IsoInvocation } from 'iso-ucan/invocation';
import { describe, expect, test } from 'vitest';
import {
  checkCapability,
  delegate,
  encodeHex,
  invoke,
  invokeCapability,
  mintCapability,
  type ProofCode,
  sha256,
  type Signer,
  signerFromSeed,
} from '@physiclaw/proof';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';
import { openDelegation } from '#appliance/proof/capability/token.ts';
import { changedBytes, passing } from '../byte-changes.ts';
import { asDid, isoSigner, isoVerifier } from './iso-ucan.ts';

const signer = (name: string): Signer => signerFromSeed(sha256(name));
const [authority, session, stranger] = [signer('authority'), signer('session'), signer('stranger')];
const purpose = {
  sessionId: `s-${'0'.repeat(32)}`,
  intent: encodeHex(sha256('intent')),
  epoch: `e-${'0'.repeat(32)}`,
};
const expiresUnix = Math.floor(Date.now() / 1000) + 300;
const minted = mintCapability({ authority, audience: session.did, ...purpose, expiresUnix });
const used = { session, authority: authority.did, delegation: minted.cid, ...purpose };
const call = {
  delegation: minted.bytes,
  invocation: invokeCapability(used),
  authority: authority.did,
  audience: session.did,
  capability: minted.cid,
  ...purpose,
};
const args = { session: purpose.sessionId, intent: purpose.intent, epoch: purpose.epoch };
const code = (name: ProofCode): unknown => expect.objectContaining({ code: name });

/** A call with a delegation and an invocation that differ from the right ones. */
function altered(
  change: Partial<Parameters<typeof delegate>[0]>,
  ask: Partial<Parameters<typeof invoke>[0]> = {},
): typeof call {
  const delegation = delegate({
    signer: authority,
    aud: session.did,
    sub: authority.did,
    cmd: '/tool/act',
    pol: openDelegation(minted.bytes).pol,
    exp: expiresUnix,
    ...change,
  });
  const invocation = invoke({
    signer: session,
    sub: authority.did,
    cmd: '/tool/act',
    args: args,
    prf: [delegation.cid],
    exp: null,
    ...ask,
  });
  const { bytes, cid } = delegation;
  return { ...call, delegation: bytes, invocation: invocation.bytes, capability: cid };
}

describe('a capability', () => {
  test('holds for the session, the intent and the epoch that it was made for', () => {
    expect(() => checkCapability(call)).not.toThrow();
    expect(() => checkCapability(altered({}))).not.toThrow();
  });

  test('is good for five minutes on paper', () => {
    const { nbf, exp } = openDelegation(minted.bytes);
    expect([nbf, exp]).toEqual([expiresUnix - 300, expiresUnix]);
  });

  test('is as good after its time: the gate goes by the boot clock', () => {
    const old = mintCapability({ authority, audience: session.did, ...purpose, expiresUnix: 1000 });
    const invocation = invokeCapability({ ...used, delegation: old.cid });
    const late = { ...call, delegation: old.bytes, invocation, capability: old.cid };
    expect(() => checkCapability(late)).not.toThrow();
  });

  test.each<[string, ProofCode, Partial<typeof call>]>([
    ['for another session id', 'PROOF_DELEGATION_POLICY', { sessionId: `s-${'1'.repeat(32)}` }],
    ['for another intent', 'PROOF_DELEGATION_POLICY', { intent: encodeHex(sha256('other')) }],
    ['for another epoch', 'PROOF_DELEGATION_POLICY', { epoch: `e-${'1'.repeat(32)}` }],
    ['from another authority', 'PROOF_DELEGATION_ISSUER', { authority: stranger.did }],
    ['for the key of another session', 'PROOF_DELEGATION_AUDIENCE', { audience: stranger.did }],
    [
      'with another id',
      'PROOF_DELEGATION_CID',
      { capability: Cid.of(minted.bytes.with(0, 1)).toString() },
    ],
  ])('does not hold %s', (_, name, change) => {
    expect(() => checkCapability({ ...call, ...change })).toThrow(code(name));
  });

  test.each<[string, ProofCode, () => typeof call]>([
    [
      'to another audience',
      'PROOF_DELEGATION_AUDIENCE',
      () => altered({ aud: stranger.did }, { signer: stranger }),
    ],
    [
      'by another issuer',
      'PROOF_DELEGATION_ISSUER',
      () => altered({ signer: stranger, sub: stranger.did }, { sub: stranger.did }),
    ],
    ['for every subject', 'PROOF_DELEGATION_SUBJECT', () => altered({ sub: null })],
    ['for every command', 'PROOF_DELEGATION_COMMAND', () => altered({ cmd: '/' })],
    ['for a wider command', 'PROOF_DELEGATION_COMMAND', () => altered({ cmd: '/tool' })],
    [
      'for a narrower command',
      'PROOF_DELEGATION_COMMAND',
      () => altered({ cmd: '/tool/act/once' }, { cmd: '/tool/act/once' }),
    ],
    ['for every purpose', 'PROOF_DELEGATION_POLICY', () => altered({ pol: [] })],
    [
      'for this purpose and others',
      'PROOF_DELEGATION_POLICY',
      () => altered({ pol: [['==', '.session', purpose.sessionId]] }),
    ],
  ])('delegated %s does not hold', (_, name, make) => {
    expect(() => checkCapability(make())).toThrow(code(name));
  });

  test.each<[string, ProofCode, () => typeof call]>([
    ['by a thief', 'PROOF_INVOCATION_ISSUER', () => altered({}, { signer: stranger })],
    [
      'without citing it',
      'PROOF_DELEGATION_MISSING',
      () => altered({}, { prf: [], sub: session.did }),
    ],
    [
      'citing another',
      'PROOF_DELEGATION_MISSING',
      () => altered({}, { prf: [Cid.of(new Uint8Array()).toString()] }),
    ],
    [
      'for a narrower command',
      'PROOF_INVOCATION_COMMAND',
      () => altered({}, { cmd: '/tool/act/x' }),
    ],
    ['for another command', 'PROOF_INVOCATION_COMMAND', () => altered({}, { cmd: '/tool/read' })],
    [
      'with one argument more',
      'PROOF_INVOCATION_ARGUMENTS',
      () => altered({}, { args: { ...args, extra: 1 } }),
    ],
    [
      'with another intent',
      'PROOF_DELEGATION_POLICY',
      () => altered({}, { args: { ...args, intent: encodeHex(sha256('other')) } }),
    ],
  ])('invoked %s does not hold', (_, name, make) => {
    expect(() => checkCapability(make())).toThrow(code(name));
  });

  test('is refused after every change of one byte of the delegation', () => {
    const passed = passing(changedBytes(minted.bytes), 'PROOF_DELEGATION_CID', (delegation) =>
      checkCapability({ ...call, delegation }),
    );
    expect(passed).toEqual([]);
  });

  test('is refused after every change of one byte of the invocation', () => {
    const passed = passing(changedBytes(call.invocation), 'PROOF_INVOCATION_', (invocation) =>
      checkCapability({ ...call, invocation }),
    );
    expect(passed).toEqual([]);
  });
});

describe('iso-ucan', () => {
  test('takes our delegation and our invocation', async () => {
    const delegation = await IsoDelegation.from({
      bytes: minted.bytes,
      verifierResolver: isoVerifier,
    });
    expect(delegation.cid.toString()).toBe(minted.cid);
    const invocation = await IsoInvocation.from({
      bytes: call.invocation,
      verifierResolver: isoVerifier,
      resolveProof: () => Promise.resolve(delegation),
    });
    expect(invocation.payload.args).toEqual(args);
  });

  test('refuses what we refuse: an invocation by a thief', async () => {
    const stolen = altered({}, { signer: stranger });
    const options = { verifierResolver: isoVerifier };
    const delegation = await IsoDelegation.from({ bytes: stolen.delegation, ...options });
    const resolveProof = (): Promise<IsoDelegation> => Promise.resolve(delegation);
    await expect(
      IsoInvocation.from({ bytes: stolen.invocation, resolveProof, ...options }),
    ).rejects.toThrow('principal alignment');
  });

  test('makes a delegation and an invocation that we take, addressed to us', async () => {
    const delegation = await IsoDelegation.create({
      iss: isoSigner(authority),
      aud: asDid(session.did),
      sub: asDid(authority.did),
      cmd: '/tool/act',
      pol: [
        ['==', '.session', args.session],
        ['==', '.intent', args.intent],
        ['==', '.epoch', args.epoch],
      ],
      exp: expiresUnix,
    });
    const ask = async (aud: string): Promise<Uint8Array> => {
      const { bytes } = await IsoInvocation.create({
        iss: isoSigner(session),
        aud: asDid(aud),
        sub: asDid(authority.did),
        cmd: '/tool/act',
        args,
        prf: [delegation],
        verifierResolver: isoVerifier,
      });
      return bytes;
    };
    const theirs = { delegation: delegation.bytes, capability: delegation.cid.toString() };
    checkCapability({ ...call, ...theirs, invocation: await ask(authority.did) });
    const elsewhere = await ask(stranger.did);
    expect(() => checkCapability({ ...call, ...theirs, invocation: elsewhere })).toThrow(
      code('PROOF_INVOCATION_AUDIENCE'),
    );
  });
});
