import { policy, SpiffeId } from '@physiclaw/contracts';
import { checkInvocation, decodeBase64, invoke } from '@physiclaw/proof';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';
import { newName } from '../intents.ts';
import { type Machine, newSigner, startMachine, trustDomain } from '../machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine[Symbol.asyncDispose]());

const open = (session: string, principal = machine.person, signer = newSigner()) =>
  machine.gateway.ask(policy.calls.openSession, {
    session,
    principal: SpiffeId.parse(principal),
    did: signer.did,
    tree: '0'.repeat(64),
  });

test('the log knows the session first, with its principal and its key', async () => {
  const signer = newSigner();
  const session = newName('s');
  const { receipt } = await open(session, machine.person, signer);

  expect(JSON.parse(receipt.entry).unmapped.event).toEqual({
    kind: 'session',
    session,
    principal: machine.person,
    did: signer.did,
    tree: '0'.repeat(64),
    mode: 'solo',
  });
});

test('the delegation lets the key act in its own session, and in no other', async () => {
  const signer = newSigner();
  const session = newName('s');
  const { delegation } = await open(session, machine.person, signer);
  const proof = decodeBase64(delegation);
  const checkIn = (name: string) => {
    const { bytes: invocation } = invoke({
      signer,
      sub: machine.authority.did,
      cmd: '/tool/act',
      args: { session: name },
      prf: [String(Cid.of(proof))],
      exp: null,
    });
    return checkInvocation({ invocation, proofs: [proof] });
  };

  expect(checkIn(session).invocation.cmd).toBe('/tool/act');
  expect(() => checkIn(newName('s'))).toThrow(
    expect.objectContaining({ code: 'PROOF_DELEGATION_POLICY' }),
  );
});

test('a name is good for one session, for ever', async () => {
  const session = newName('s');
  await open(session);
  await machine.restart();

  await expect(open(session)).rejects.toMatchObject({ code: 'POLICY_SESSION_EXISTS' });
});

test('nobody acts for somebody who is not enrolled', async () => {
  await expect(open(newName('s'), `spiffe://${trustDomain}/user/eve`)).rejects.toMatchObject({
    code: 'POLICY_KEY_UNKNOWN',
  });
});
