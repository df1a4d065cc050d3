import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policy, SpiffeId } from '@physiclaw/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Machine, startMachine, trustDomain } from '../machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine[Symbol.asyncDispose]());

const create = (person = machine.person) =>
  machine.gateway.ask(policy.calls.createToken, {
    name: 'ci',
    scopes: ['ask', 'read'],
    person: SpiffeId.parse(person),
  });
const check = (token: string) => machine.gateway.ask(policy.calls.checkToken, { token });
const revoke = (id: string) =>
  machine.gateway.ask(policy.calls.revokeToken, { id, person: SpiffeId.parse(machine.person) });

test('a token stands for its person, with its scopes and no others', async () => {
  const { token, record } = await create();

  expect(token).toMatch(/^pclw_t_[A-Za-z0-9_-]{43}$/);
  expect(await check(token)).toEqual({
    id: record.id,
    person: machine.person,
    scopes: ['ask', 'read'],
  });
  expect((await machine.events()).at(-1)).toMatchObject({ kind: 'token', verb: 'created' });
});

test('neither the disk nor the log holds a token itself', async () => {
  const { token } = await create();
  const files = ['policy.db', 'policy.db-wal'].map((file) =>
    readFileSync(join(machine.config.state, file), 'latin1'),
  );

  expect([...files, JSON.stringify(await machine.events())].join()).not.toContain(token.slice(5));
});

test('a token that was revoked is unknown, and both are in the log', async () => {
  const { token, record } = await create();
  const { record: revoked } = await revoke(record.id);
  const before = (await machine.events()).length;

  await expect(check(token)).rejects.toMatchObject({ code: 'POLICY_TOKEN_UNKNOWN' });
  expect(revoked).toEqual({ ...record, revokedAt: expect.any(String) });
  expect((await revoke(record.id)).record).toEqual(revoked);
  expect((await machine.events()).length).toBe(before);
});

test('tokens are listed, the oldest first', async () => {
  const made = [await create(), await create()].map(({ record }) => record);
  const { tokens } = await machine.gateway.ask(policy.calls.tokens, {});

  expect(tokens.slice(-2)).toEqual(made);
});

test('nobody knows what was never a token', async () => {
  const unknown = { code: 'POLICY_TOKEN_UNKNOWN' };

  await expect(check('pclw_guess')).rejects.toMatchObject(unknown);
  await expect(revoke('tok-1')).rejects.toMatchObject(unknown);
});

test('a token is made for people who are enrolled', async () => {
  await expect(create(`spiffe://${trustDomain}/user/eve`)).rejects.toMatchObject({
    code: 'POLICY_KEY_UNKNOWN',
  });
});
