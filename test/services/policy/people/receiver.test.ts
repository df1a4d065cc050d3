import { LogEntry, policy, type SignedReceiver } from '@physiclaw/contracts';
import { signStatement } from '@physiclaw/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { type Machine, newSigner, startMachine, trustDomain } from '../machine.ts';
import { join, type Key } from './newcomer.ts';

const ca = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
const destination = 'relp://192.0.2.9:2514';

let machine: Machine;
beforeEach(async () => {
  machine = await startMachine();
});
afterEach(() => machine[Symbol.asyncDispose]());

const name = (signed: SignedReceiver) => machine.gateway.ask(policy.calls.nameReceiver, signed);
const codeOf = (code: string) => ({ code });

const there = { receiver: { destination, ca } };

function wordOf(key: Key, more: Partial<SignedReceiver['statement']> = there) {
  const statement = {
    type: 'physiclaw/receiver/v1' as const,
    trustDomain,
    change: `c-${'1'.repeat(32)}`,
    key: key.did,
    ...more,
  };
  return key instanceof Passkey ? key.sign(statement) : signStatement(statement, key);
}

test('who is enrolled names a receiver, and the log says who did', async () => {
  const bob = new Passkey();
  await join(machine, bob, [machine.device]);
  await name(wordOf(machine.device));
  const change = `c-${'2'.repeat(32)}`;
  const { receipt } = await name(wordOf(bob, { change }));

  const { reporter, event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  expect(reporter).toBe(`spiffe://${trustDomain}/policy`);
  expect(event).toMatchObject({
    kind: 'receiver',
    signed: { statement: { change, key: bob.did } },
  });
  expect(event).not.toHaveProperty('signed.statement.receiver');
});

test('his word counts once', async () => {
  await name(wordOf(machine.device));

  await expect(name(wordOf(machine.device))).rejects.toMatchObject(codeOf('AUDIT_ALREADY_USED'));
});

test('nobody else does: not who is not enrolled, nor by a signature of something else', async () => {
  const mine = wordOf(machine.device);
  const other = { destination: 'relp://198.51.100.1:2514', ca };
  const changed = { ...mine, statement: { ...mine.statement, receiver: other } };
  const elsewhere = wordOf(machine.device, { ...there, trustDomain: 'other.internal' });

  await expect(name(wordOf(newSigner()))).rejects.toMatchObject(codeOf('POLICY_KEY_UNKNOWN'));
  await expect(name(changed)).rejects.toMatchObject(codeOf('POLICY_SIGNATURE_INVALID'));
  await expect(name(elsewhere)).rejects.toMatchObject(codeOf('POLICY_STATEMENT_MISMATCH'));
});
