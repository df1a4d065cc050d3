import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Tpm } from '@physiclaw/seal';
import { describe, expect, test } from 'vitest';
import { missing, SoftwareTpm } from './software-tpm.ts';

const digest = 'ab'.repeat(32);
const zero = '0'.repeat(64);

describe.skipIf(missing !== undefined)('a TPM', { timeout: 60_000 }, () => {
  test('gives a secret back after a restart, to the same registers', async () => {
    const machine = await SoftwareTpm.start();
    const secret = randomBytes(32);
    const sealed = await (await machine.open()).seal(secret);
    await machine.restart();

    expect(await (await machine.open()).unseal(sealed)).toEqual(secret);
  });

  test.each([0x0a, 0x0d0a, 0])('gives back each byte, also where it ends in %i', async (end) => {
    const tpm = await (await SoftwareTpm.start()).open();
    const secret = randomBytes(32);
    secret.writeUInt16BE(end, 30);

    expect(await tpm.unseal(await tpm.seal(secret))).toEqual(secret);
  });

  test.each([7, 12])('does not give it back when register %i is another', async (register) => {
    const machine = await SoftwareTpm.start();
    const tpm = await machine.open();
    const sealed = await tpm.seal(randomBytes(32));
    await tpm.extend(register, digest);

    // 0x99D: it is the TPM itself whose policy check failed.
    await expect(tpm.unseal(sealed)).rejects.toMatchObject({
      code: 'SEAL_TPM_REFUSED',
      message: expect.stringContaining('0x99D'),
    });
  });

  test('gives it back when a register that is not bound is another', async () => {
    const tpm = await (await SoftwareTpm.start()).open();
    const secret = randomBytes(32);
    const sealed = await tpm.seal(secret);
    await tpm.extend(15, digest);

    expect(await tpm.unseal(sealed)).toEqual(secret);
  });

  test('does not give back what another TPM sealed', async () => {
    const sealed = await (await (await SoftwareTpm.start()).open()).seal(randomBytes(32));
    const other = await (await SoftwareTpm.start()).open();

    await expect(other.unseal(sealed)).rejects.toMatchObject({ code: 'SEAL_TPM_FOREIGN' });
  });

  test('refuses by itself what another one sealed, whatever we compared before', async () => {
    const sealed = await (await (await SoftwareTpm.start()).open()).seal(randomBytes(32));
    const other = await (await SoftwareTpm.start()).open();
    const { primary } = await other.seal(randomBytes(32));

    await expect(other.unseal({ ...sealed, primary })).rejects.toMatchObject({
      code: 'SEAL_TPM_REFUSED',
    });
  });

  test('gives it back to nobody who does not name the policy', async () => {
    const machine = await SoftwareTpm.start();
    const sealed = await (await machine.open()).seal(randomBytes(32));
    const plain = unsealPlainly(machine, sealed);

    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(/0x12F|authValue or authPolicy is not available/);
  });

  test('shows no secret on the bus, neither when it takes nor when it gives', async () => {
    const machine = await SoftwareTpm.start();
    const { tpm, bus } = await machine.openWatched();
    const secret = randomBytes(32);
    const given = await tpm.unseal(await tpm.seal(secret));

    expect(given).toEqual(secret);
    expect(bus().length).toBeGreaterThan(1000);
    expect(bus().includes(secret)).toBe(false);
  });

  test('says what a register holds', async () => {
    const machine = await SoftwareTpm.start();
    const tpm = await machine.open();
    const before = await tpm.register(12);
    await tpm.extend(12, digest);

    expect(before).toBe(zero);
    expect(await tpm.register(12)).not.toBe(zero);
    await machine.restart();
    expect(await (await machine.open()).register(12)).toBe(zero);
  });
});

test('where there is no TPM that is said, and what to look at', async () => {
  await expect(Tpm.open('swtpm:path=/nowhere/tpm')).rejects.toMatchObject({
    code: 'SEAL_TPM_FAILED',
    message: expect.stringContaining('switched on'),
  });
});

/** As somebody would who has the files and the TPM, and asks without a policy session. */
function unsealPlainly(machine: SoftwareTpm, sealed: { public: string; private: string }) {
  const folder = `${machine.path}.plain`;
  const run = (program: string, ...args: string[]) =>
    spawnSync(`/usr/bin/${program}`, args, {
      env: { TPM2TOOLS_TCTI: `swtpm:path=${machine.path}`, TSS2_LOG: 'all+NONE' },
      encoding: 'utf8',
    });
  mkdirSync(folder);
  writeFileSync(`${folder}/public`, sealed.public, 'base64');
  writeFileSync(`${folder}/private`, sealed.private, 'base64');
  const key = ['-C', 'o', '-g', 'sha256', '-G', 'ecc256', '-c', `${folder}/primary`];
  run('tpm2_createprimary', '-Q', ...key);
  run('tpm2_flushcontext', '-t');
  const parts = ['-u', `${folder}/public`, '-r', `${folder}/private`];
  run('tpm2_load', '-Q', '-C', `${folder}/primary`, ...parts, '-c', `${folder}/key`);
  run('tpm2_flushcontext', '-t');
  return run('tpm2_unseal', '-c', `${folder}/key`);
}
