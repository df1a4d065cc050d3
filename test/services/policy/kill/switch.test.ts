import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogEvent, policy, SpiffeId } from '@physiclaw/contracts';
import { type Signer, signStatement } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { calls, newName } from '../intents.ts';
import { standBetween } from '../liar.ts';
import { type Machine, newSigner, startMachine } from '../machine.ts';
import { refused } from '../refused.ts';

const slowly = ({ kind }: LogEvent) => (kind === 'kill' ? sleep(100) : undefined);
const status = (machine: Machine) => machine.gateway.ask(policy.calls.status, {});
const killed = async (machine: Machine, by = 'Ada') => {
  writeFileSync(machine.killFile, by);
  return (await status(machine)).killed!;
};
const resume = (machine: Machine, kill: string, signer: Signer = machine.device) => {
  const type = 'physiclaw/resume/v1' as const;
  const signed = signStatement({ type, kill, key: signer.did }, signer);
  return machine.gateway.ask(policy.calls.resume, signed);
};
const recorded = async (machine: Machine) => {
  await expect.poll(async () => (await machine.events()).at(-1)?.kind).toBe('kill');
};

test('a kill is recorded, with the label that its file gives', async () => {
  await using machine = await startMachine();
  const kill = await killed(machine, 'Ada\n\u0007 at the console');
  await recorded(machine);

  expect((await machine.events()).at(-1)).toMatchObject({
    kind: 'kill',
    kill,
    by: 'Ada at the console',
  });
});

test('a kill lasts when its file is taken away, over a restart, with the same name', async () => {
  await using machine = await startMachine();
  const kill = await killed(machine);
  await recorded(machine);
  rmSync(machine.killFile);
  expect((await status(machine)).killed).toBe(kill);

  await machine.restart();

  expect((await status(machine)).killed).toBe(kill);
});

test('a kill does not wait for the log, which is told afterwards', async () => {
  await using machine = await startMachine();
  await machine.stop('audit');
  const kill = await killed(machine);
  await expect.poll(async () => (await status(machine)).journaled).toBe(1);
  await machine.startAudit();

  await expect
    .poll(async () => (await machine.events()).at(-1), { timeout: 5000 })
    .toMatchObject({ kind: 'kill', kill });
});

test('a kill that was journaled outlives policy and its file', async () => {
  await using machine = await startMachine();
  await machine.stop('audit');
  const kill = await killed(machine);
  await expect.poll(async () => (await status(machine)).journaled).toBe(1);
  await machine.stop('policy');
  rmSync(machine.killFile);
  await machine.startAudit();
  await machine.startPolicy();

  expect((await status(machine)).killed).toBe(kill);
});

describe('resume', () => {
  test('takes an enrolled key; then the file is gone, and calls are decided', async () => {
    await using machine = await startMachine();
    const session = await machine.open();
    const kill = await killed(machine);
    const { receipt } = await resume(machine, kill);

    expect(JSON.parse(receipt.entry).unmapped.event).toMatchObject({ kind: 'resume', kill });
    expect((await machine.events()).map(({ kind }) => kind).slice(-2)).toEqual(['kill', 'resume']);
    expect(existsSync(machine.killFile)).toBe(false);
    expect((await status(machine)).killed).toBeUndefined();
    expect((await machine.decide(session, calls['read_file']!)).verdict).toBe('allow');
    await machine.restart();
    expect((await status(machine)).killed).toBeUndefined();
  });

  test.each<[string, (machine: Machine, kill: string) => unknown]>([
    ['POLICY_KEY_UNKNOWN', (machine, kill) => resume(machine, kill, newSigner())],
    ['POLICY_NOT_KILLED', (machine) => resume(machine, newName('k'))],
    [
      'POLICY_SIGNATURE_INVALID',
      (machine, kill) => {
        const type = 'physiclaw/resume/v1' as const;
        const statement = { type, kill, key: machine.device.did };
        return machine.gateway.ask(policy.calls.resume, { statement, signature: 'AAAA' });
      },
    ],
  ])('is refused with %s, and the kill lasts', async (code, attempt) => {
    await using machine = await startMachine();
    const kill = await killed(machine);

    await expect(attempt(machine, kill)).rejects.toMatchObject({ code });
    expect((await status(machine)).killed).toBe(kill);
    expect(existsSync(machine.killFile)).toBe(true);
  });

  test('comes after its kill in the log, however slow that is to take the kill', async () => {
    await using machine = await startMachine();
    await using _ = await standBetween(machine, { before: slowly });
    await machine.restart();
    await resume(machine, await killed(machine));

    expect((await machine.events()).map(({ kind }) => kind).slice(-2)).toEqual(['kill', 'resume']);
  });

  test('is good for one kill: the next one has another name', async () => {
    await using machine = await startMachine();
    const first = await killed(machine);
    await resume(machine, first);
    const second = await killed(machine);

    expect(second).not.toBe(first);
    await expect(resume(machine, first)).rejects.toMatchObject(refused('POLICY_NOT_KILLED'));
  });

  test('does not end a kill while the log is down', async () => {
    await using machine = await startMachine();
    const kill = await killed(machine);
    await recorded(machine);
    await machine.stop('audit');

    await expect(resume(machine, kill)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect((await status(machine)).killed).toBe(kill);
  });
});

test('a kill file that points nowhere is there', async () => {
  await using machine = await startMachine();
  symlinkSync('nowhere', machine.killFile);

  expect((await status(machine)).killed).toMatch(/^k-/);
});

test('a kill file that cannot be looked at is taken for there', async () => {
  await using machine = await startMachine();
  // A loop of links: not absent, and not to be read either.
  rmSync(join(machine.home, 'kill'), { recursive: true });
  symlinkSync('kill', join(machine.home, 'kill'));

  expect((await status(machine)).killed).toMatch(/^k-/);
});

test('policy does not start without the folder of its kill file', async () => {
  await using machine = await startMachine();

  await expect(machine.restart({ killFile: join(machine.home, 'none', 'kill') })).rejects.toThrow(
    'ENOENT',
  );
});

test('who asks for a kill is named, and a second time it is the same one', async () => {
  await using machine = await startMachine();
  const person = SpiffeId.parse(machine.person);
  const { kill } = await machine.gateway.ask(policy.calls.kill, { person });
  const again = await machine.gateway.ask(policy.calls.kill, { person });
  await recorded(machine);

  expect(again).toEqual({ kill });
  expect((await status(machine)).killed).toBe(kill);
  expect(existsSync(machine.killFile)).toBe(true);
  expect((await machine.events()).at(-1)).toMatchObject({ kind: 'kill', kill, by: person });
});
