import { readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { LogEntry, policy, type SignedReceiver } from '@physiclaw/contracts';
import { signStatement } from '@physiclaw/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { type Machine, newSigner, startMachine, trustDomain } from '../machine.ts';
import { join, type Key } from './newcomer.ts';
import { refused } from '../refused.ts';

const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const there = { receiver: { destination: 'relp://192.0.2.9:2514', ca } };

let machine: Machine;
beforeEach(async () => {
  machine = await startMachine();
});
afterEach(() => machine[Symbol.asyncDispose]());

const name = (signed: SignedReceiver) => machine.gateway.ask(policy.calls.nameReceiver, signed);
const latest = async () => (await machine.gateway.ask(policy.calls.status, {})).receiver;
const mismatch = { code: 'POLICY_STATEMENT_MISMATCH' };

function wordOf(key: Key, more: Partial<SignedReceiver['statement']> = there) {
  const log = readFileSync(pathOf(machine.home, 'anchors', 'log.vkey'), 'utf8').trim();
  const statement = { type: 'physiclaw/receiver/v1' as const, log, key: key.did, ...more };
  return key instanceof Passkey ? key.sign(statement) : signStatement(statement, key);
}

test('who is enrolled names a receiver, and the log says who did', async () => {
  const bob = new Passkey();
  await join(machine, bob, [machine.device]);
  const first = await name(wordOf(machine.device));
  const previous = first.receipt.index;
  expect(await latest()).toBe(previous);
  const { receipt } = await name(wordOf(bob, { previous }));

  const { reporter, event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  expect(reporter).toBe(`spiffe://${trustDomain}/policy`);
  expect(event).toMatchObject({ kind: 'receiver', signed: { statement: { key: bob.did } } });
  expect(event).not.toHaveProperty('signed.statement.receiver');
  expect(await latest()).toBe(receipt.index);
});

test('a word counts once, and only in place of the one that its signer saw', async () => {
  const [used, keptBack] = [wordOf(machine.device), wordOf(machine.device, {})];
  const { receipt } = await name(used);

  await expect(name(used)).rejects.toMatchObject(mismatch);
  await expect(name(keptBack)).rejects.toMatchObject(mismatch);
  const ahead = wordOf(machine.device, { ...there, previous: receipt.index + 1 });
  await expect(name(ahead)).rejects.toMatchObject(mismatch);
  const next = wordOf(machine.device, { previous: receipt.index });
  expect((await name(next)).receipt.index).toBeGreaterThan(receipt.index);
});

test('of two words at once one counts', async () => {
  const words = [wordOf(machine.device), wordOf(machine.device, {})];
  const said = await Promise.allSettled(words.map((word) => name(word)));

  expect(said.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('nobody else does: not who is not enrolled, nor by a signature of something else', async () => {
  const mine = wordOf(machine.device);
  const other = { destination: 'relp://198.51.100.1:2514', ca };
  const changed = { ...mine, statement: { ...mine.statement, receiver: other } };
  const elsewhere = wordOf(machine.device, { ...there, log: 'other.internal/log+00000000+AA==' });

  await expect(name(wordOf(newSigner()))).rejects.toMatchObject(refused('POLICY_KEY_UNKNOWN'));
  await expect(name(changed)).rejects.toMatchObject(refused('POLICY_SIGNATURE_INVALID'));
  await expect(name(elsewhere)).rejects.toMatchObject(mismatch);
  expect(await latest()).toBeUndefined();
});
