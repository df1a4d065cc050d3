import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, policy } from '@physiclaw/contracts';
import { describe, expect, test } from 'vitest';
import { Machine, newSigner, startMachine } from './machine.ts';

describe('policy does not start', () => {
  test('with rules that do not hold, and says where', async () => {
    await using machine = new Machine({ rules: 'permit (principal, action, resource)\nwhen x;' });

    await expect(machine.startPolicy()).rejects.toMatchObject({
      code: 'POLICY_RULES_INVALID',
      message: expect.stringContaining('policy.rules:2:6'),
    });
  });

  test('with an authority key that the gate does not believe', async () => {
    await using machine = new Machine();
    await machine.startAudit();
    writeFileSync(join(machine.home, 'anchors/authority.did'), newSigner().did);

    await expect(machine.startPolicy()).rejects.toThrow('authority-key');
  });
});

test('policy waits for the log, as long as it takes', async () => {
  await using machine = new Machine();
  const started = machine.startPolicy();
  await machine.startAudit();

  await expect(started).resolves.toBeUndefined();
});

test('status says what is in force', async () => {
  await using machine = await startMachine({ preset: 'strict' });

  expect(await machine.gateway.ask(policy.calls.status, {})).toEqual({
    mode: 'solo',
    preset: 'strict',
    policy: expect.stringMatching(/^[0-9a-f]{64}$/),
    gate: true,
    pending: 0,
    journaled: 0,
  });
});

test('each call refuses whoever is not on its list', async () => {
  await using machine = new Machine();
  await machine.startAudit();
  await machine.startPolicy();
  for (const call of Object.values<Call>(policy.calls)) {
    const stranger = call.callers.includes('agent') ? machine.gateway : machine.agent;

    await expect(stranger.ask(call, {})).rejects.toMatchObject({
      code: 'CALLER_REFUSED',
    });
  }
});
