import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { genesis, makeRecoveryKey, type Tpm, tpm2Provider } from '@physiclaw/seal';
import { describe, expect, test } from 'vitest';
import { makeHome } from '../home.ts';
import { missing, SoftwareTpm } from './software-tpm.ts';

const trustDomain = 'test.local';
const recoveryKey = makeRecoveryKey();

/** A home where genesis has been, on a machine of its own. */
async function makeMachine() {
  const machine = await SoftwareTpm.start();
  const tpm = await machine.open();
  const home = makeHome();
  const provider = tpm2Provider({ tpm, recoveryKey });
  await genesis({ home, trustDomain, provider });
  const folder = join(home, 'secrets');
  const secret = await (await provider.open(folder)).read('log-key');
  return { machine, tpm, home, folder, secret };
}
const readBy = async (folder: string, options: { tpm: Tpm; recoveryKey?: string }) =>
  (await tpm2Provider(options).open(folder)).read('log-key');

describe.skipIf(missing !== undefined)('the store', { timeout: 60_000 }, () => {
  test('opens after a restart with nobody there', async () => {
    const { machine, folder, secret } = await makeMachine();
    await machine.restart();

    expect(await readBy(folder, { tpm: await machine.open() })).toBe(secret);
  });

  test('keeps no secret on the disk in clear', async () => {
    const { folder, secret } = await makeMachine();
    const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name)));

    expect(kept.some((bytes) => bytes.includes(secret))).toBe(false);
    expect(kept.some((bytes) => bytes.includes(Buffer.from(secret, 'base64')))).toBe(false);
    expect(kept.some((bytes) => bytes.includes('PRIVATE KEY'))).toBe(false);
  });

  test('stays closed when arguments were added, and opens by the recovery key', async () => {
    const { tpm, folder, secret } = await makeMachine();
    await tpm.extend(12, 'ab'.repeat(32));

    await expect(readBy(folder, { tpm })).rejects.toMatchObject({ code: 'SEAL_TPM_REFUSED' });
    expect(await readBy(folder, { tpm, recoveryKey })).toBe(secret);
  });

  test('moves to another TPM by the recovery key, and is then that one’s', async () => {
    const { tpm, folder, secret } = await makeMachine();
    const other = await (await SoftwareTpm.start()).open();

    await expect(readBy(folder, { tpm: other })).rejects.toMatchObject({
      code: 'SEAL_TPM_FOREIGN',
    });
    expect(await readBy(folder, { tpm: other, recoveryKey })).toBe(secret);
    expect(await readBy(folder, { tpm: other })).toBe(secret);
    await expect(readBy(folder, { tpm })).rejects.toMatchObject({ code: 'SEAL_TPM_FOREIGN' });
  });

  test('does not open by the recovery key of another machine', async () => {
    const { folder } = await makeMachine();
    const other = await (await SoftwareTpm.start()).open();

    await expect(
      readBy(folder, { tpm: other, recoveryKey: makeRecoveryKey() }),
    ).rejects.toMatchObject({ code: 'SEAL_RECOVERY_WRONG' });
  });

  test('a secret cannot stand in for another one', async () => {
    const { tpm, folder } = await makeMachine();
    renameSync(join(folder, 'authority-key.wrapped'), join(folder, 'log-key.wrapped'));

    await expect(readBy(folder, { tpm })).rejects.toMatchObject({ code: 'SEAL_SECRET_MALFORMED' });
  });

  test('its key is not made anew where secrets lie under it', async () => {
    const { tpm, folder } = await makeMachine();
    rmSync(join(folder, 'kek.tpm'));

    await expect(readBy(folder, { tpm, recoveryKey })).rejects.toMatchObject({
      code: 'SEAL_SECRET_MISSING',
      message: expect.stringContaining('kek.tpm'),
    });
  });

  test('a making that was cut short is begun again', async () => {
    const tpm = await (await SoftwareTpm.start()).open();
    const home = makeHome();
    const folder = join(home, 'secrets');
    await tpm2Provider({ tpm, recoveryKey }).open(folder);
    rmSync(join(folder, 'kek.tpm'));
    writeFileSync(join(folder, 'kek.recovery'), 'half');
    await genesis({ home, trustDomain, provider: tpm2Provider({ tpm, recoveryKey }) });

    expect(await readBy(folder, { tpm })).toHaveLength(44);
  });

  test('none is made that no recovery key opens', async () => {
    const tpm = await (await SoftwareTpm.start()).open();

    await expect(tpm2Provider({ tpm }).open(join(makeHome(), 'secrets'))).rejects.toMatchObject({
      code: 'SEAL_SECRET_MISSING',
    });
  });

  test('never makes a secret twice', async () => {
    const { tpm, folder } = await makeMachine();
    const store = await tpm2Provider({ tpm }).open(folder);

    await expect(store.create('log-key', 'ed25519-seed')).rejects.toMatchObject({
      code: 'SEAL_SECRET_EXISTS',
    });
    await expect(store.read('no-key')).rejects.toMatchObject({ code: 'SEAL_SECRET_MISSING' });
  });
});
