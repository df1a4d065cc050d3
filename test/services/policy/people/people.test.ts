import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, policy } from '@physiclaw/contracts';
import { digestOf, encodeBase64, generateSeed, type Signer, signStatement } from '@physiclaw/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimCode, Machine, newSigner, startMachine, trustDomain } from '../machine.ts';

async function unclaimed(): Promise<Machine> {
  const machine = new Machine();
  await machine.startAudit();
  await machine.startPolicy();
  return machine;
}

const enrolment = (signer = newSigner(), domain = trustDomain) =>
  signStatement({ type: 'physiclaw/enrolment/v1', trustDomain: domain, key: signer.did }, signer);

function signInBy(signer: Signer, nonce: string, more = {}) {
  const type = 'physiclaw/sign-in/v1' as const;
  return signStatement({ type, trustDomain, nonce, key: signer.did, ...more }, signer);
}

describe('the claim', () => {
  test('enrols the first person, under a name that is made of the key', async () => {
    await using machine = await unclaimed();
    const status = () => machine.gateway.ask(policy.calls.status, {});
    expect((await status()).mode).toBe('unclaimed');

    await machine.claim();

    const expected = `spiffe://${trustDomain}/user/p-${digestOf(machine.device.did).slice(0, 16)}`;
    expect(machine.person).toBe(expected);
    expect((await status()).mode).toBe('solo');
    const { entries } = await machine.as('gateway', audit).ask(audit.calls.entries, {
      from: 0,
      count: 1,
    });
    expect(JSON.parse(entries[0]!).unmapped).toMatchObject({
      event: { kind: 'enrolment', by: 'claim' },
      once: ['claim'],
    });
  });

  test('is good once, also for who knows the code', async () => {
    await using machine = await startMachine();

    const again = { code: claimCode, name: 'Eve', signed: enrolment(machine.device) };
    const nonce = encodeBase64(generateSeed());

    await expect(machine.gateway.ask(policy.calls.claim, again)).rejects.toMatchObject({
      code: 'POLICY_CLAIMED_ALREADY',
    });
    const signed = signInBy(machine.device, nonce);
    expect((await machine.gateway.ask(policy.calls.signIn, { nonce, signed })).name).toBe('Ada');
  });

  test('is good once, also where two come at the same time', async () => {
    await using machine = await unclaimed();
    const claims = await Promise.allSettled([machine.claim(), machine.claim()]);

    expect(claims.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'POLICY_CLAIMED_ALREADY' } },
    ]);
  });

  test('is open to the right code after any number of wrong ones', async () => {
    await using machine = await unclaimed();
    for (let tries = 0; tries < 30; tries++) {
      await expect(machine.claim('guess')).rejects.toMatchObject({ code: 'POLICY_CLAIM_REFUSED' });
    }

    await machine.claim();

    await expect(machine.claim()).rejects.toMatchObject({ code: 'POLICY_CLAIMED_ALREADY' });
  });

  test.each([
    ['POLICY_STATEMENT_MISMATCH', enrolment(newSigner(), 'other.internal')],
    ['POLICY_SIGNATURE_INVALID', { ...enrolment(), signature: encodeBase64(new Uint8Array(64)) }],
  ])('refuses a statement with %s', async (code, signed) => {
    await using machine = await unclaimed();
    const asked = { code: 'open-sesame', name: 'Ada', signed };

    await expect(machine.gateway.ask(policy.calls.claim, asked)).rejects.toMatchObject({ code });
  });
});

describe('sign-in', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine();
  });
  afterAll(() => machine[Symbol.asyncDispose]());

  const nonce = encodeBase64(generateSeed());
  const statement = (signer = machine.device, more = {}) => signInBy(signer, nonce, more);
  const ask = (signed = statement(), by = machine) =>
    by.gateway.ask(policy.calls.signIn, { nonce, signed });

  test('says who it is, and is in the log', async () => {
    expect(await ask()).toMatchObject({ person: machine.person, name: 'Ada' });
    expect((await machine.events()).at(-1)).toEqual({
      kind: 'sign-in',
      person: machine.person,
      key: machine.device.did,
    });
  });

  test.each([
    ['POLICY_STATEMENT_MISMATCH', () => statement(machine.device, { nonce: 'AAAA' })],
    ['POLICY_STATEMENT_MISMATCH', () => statement(machine.device, { trustDomain: 'other' })],
    ['POLICY_SIGNATURE_INVALID', () => ({ ...statement(), signature: 'AAAA' })],
    ['POLICY_KEY_UNKNOWN', () => statement(newSigner())],
  ])('is refused with %s', async (code, signed) => {
    await expect(ask(signed())).rejects.toMatchObject({ code });
  });

  test('works while the log is down, and is the log’s next entry after that', async () => {
    await using own = await startMachine();
    const before = (await own.events()).length;
    const signed = statement(own.device);
    await own.stop('audit');

    expect(await ask(signed, own)).toMatchObject({ person: own.person });
    expect((await own.gateway.ask(policy.calls.status, {})).journaled).toBe(1);
    await own.stop('policy');
    expect(readFileSync(join(own.config.state, 'journal'), 'utf8')).toContain('sign-in');
    await own.startAudit();
    await own.startPolicy();

    expect((await own.events())[before]).toMatchObject({
      kind: 'sign-in',
      journaled: expect.any(String),
    });
  });
});
