import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRecoveryKey } from '@physiclaw/seal';
import { afterAll, expect, test } from 'vitest';
import type { Attempt } from '#appliance/firstboot/program.ts';
import { Volume } from '#appliance/firstboot/unseal/volume.ts';

const recovery = makeRecoveryKey();
const unchanged = '0'.repeat(64);
const header = (...types: string[]) =>
  JSON.stringify({ tokens: Object.fromEntries(types.map((type, at) => [at, { type }])) });

interface Machine {
  /** What its header says; undefined where it has none. */
  readonly header?: string | undefined;
  readonly tpmOpens?: boolean;
  readonly keyOpens?: boolean;
  readonly register?: string;
  readonly partition?: string;
}

async function answer(isFine: boolean, output = '') {
  await Promise.resolve();
  return { isFailed: !isFine, output, complaint: isFine ? '' : 'Operation not permitted' };
}

/** A volume on a machine whose programs answer so; and what they were asked, by name. */
function makeVolume(machine: Machine = {}) {
  const {
    tpmOpens = true,
    keyOpens = true,
    register = unchanged,
    partition = '/dev/null',
  } = machine;
  const asked: string[] = [];
  const inputs: string[] = [];
  const by: Attempt = ([program, ...args], { input = '' } = {}) => {
    const words = [program.split('/').at(-1), ...args].join(' ');
    asked.push(words);
    inputs.push(input);
    if (words.includes('luksDump')) return answer(machine.header !== undefined, machine.header);
    if (words.includes('attach')) return answer(tpmOpens);
    if (words.startsWith('cryptsetup open')) return answer(keyOpens);
    return answer(true, words.includes('--recovery-key') ? `${recovery}\n` : '');
  };
  const tpm = { register: () => Promise.resolve(register) };
  return { asked, inputs, volume: new Volume({ tpm, partition, by }) };
}

const folder = mkdtempSync(join(tmpdir(), 'volume-'));
const withHeader = join(folder, 'partition');
writeFileSync(withHeader, Buffer.from('LUKS\xba\xbe', 'latin1'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['absent', { partition: '/dev/nowhere' }],
  ['partial', { partition: '/dev/null' }],
  ['partial', { partition: withHeader, header: header('systemd-tpm2') }],
  ['complete', { partition: withHeader, header: header('systemd-tpm2', 'physiclaw-genesis') }],
] as const)('a volume is %s: %j', async (condition, machine) => {
  expect(await makeVolume(machine).volume.condition()).toBe(condition);
});

test('one whose header is damaged is neither: it is not made again', async () => {
  const { volume } = makeVolume({ partition: withHeader });

  await expect(volume.condition()).rejects.toMatchObject({ code: 'FIRSTBOOT_PROGRAM_FAILED' });
});

test('one that was not there is made beside what is there', async () => {
  const { volume, asked } = makeVolume();

  expect(await volume.make('absent')).toBe(recovery);
  expect(asked.find((words) => words.startsWith('systemd-repart'))).not.toMatch('factory-reset');
});

test('one whose making was cut short is made again', async () => {
  const { volume, asked } = makeVolume();
  await volume.make('partial');

  expect(asked.find((words) => words.startsWith('systemd-repart'))).toMatch('--factory-reset=yes');
});

test('it is bound to the firmware’s keys, the arguments and the signed image', async () => {
  const { volume, asked } = makeVolume();
  await volume.make('absent');
  const made = asked.find((words) => words.startsWith('systemd-repart'));

  expect(made).toMatch('--tpm2-pcrs=7+12');
  expect(made).toMatch('--tpm2-public-key=/run/systemd/tpm2-pcr-public-key.pem');
  expect(made).toMatch('--tpm2-public-key-pcrs=11');
});

test('none is made where arguments were added', async () => {
  const { volume, asked } = makeVolume({ register: 'ab'.repeat(32) });

  await expect(volume.make('absent')).rejects.toMatchObject({ code: 'FIRSTBOOT_ARGUMENTS_ADDED' });
  expect(asked).toEqual([]);
});

test('the TPM opens it, and no key is asked for', async () => {
  const { volume, asked, inputs } = makeVolume();
  await volume.unlock(recovery);

  expect(asked).toHaveLength(1);
  expect(inputs).toEqual(['']);
});

test('where the TPM refuses, it stays closed', async () => {
  const { volume, asked } = makeVolume({ tpmOpens: false });

  await expect(volume.unlock(undefined)).rejects.toMatchObject({
    code: 'FIRSTBOOT_VOLUME_LOCKED',
    message: expect.stringContaining('Operation not permitted'),
  });
  expect(asked).toHaveLength(1);
});

test('the recovery key opens it, and binds it to this TPM anew', async () => {
  const { volume, asked, inputs } = makeVolume({ tpmOpens: false });
  await volume.unlock(recovery);

  expect(asked.at(-2)).toMatch(/^systemd-cryptenroll --wipe-slot=tpm2 /);
  expect(asked.at(-1)).toMatch(/^systemd-cryptenroll --unlock-key-file=.* --tpm2-pcrs=7\+12/);
  // It is on no command line, where every process could read it, and in no file for longer.
  expect(asked.join()).not.toMatch(recovery);
  expect(inputs).toEqual(['', recovery, '', '']);
  expect(existsSync(/--unlock-key-file=(\S+)/.exec(asked.at(-1) ?? '')?.[1] ?? '/')).toBe(false);
});

test('a wrong recovery key opens nothing', async () => {
  const { volume, asked } = makeVolume({ tpmOpens: false, keyOpens: false });

  await expect(volume.unlock(recovery)).rejects.toMatchObject({ code: 'FIRSTBOOT_VOLUME_LOCKED' });
  expect(asked.at(-1)).not.toMatch('cryptenroll');
});

test('the recovery key is not tried where arguments were added', async () => {
  const { volume, asked } = makeVolume({ tpmOpens: false, register: 'ab'.repeat(32) });

  await expect(volume.unlock(recovery)).rejects.toMatchObject({
    code: 'FIRSTBOOT_ARGUMENTS_ADDED',
  });
  expect(asked.filter((words) => words.startsWith('cryptsetup'))).toEqual([]);
});

test('the mark that it is complete goes into its header', async () => {
  const { volume, asked, inputs } = makeVolume();
  await volume.complete();

  expect(asked).toEqual(['cryptsetup token import --json-file=- /dev/null']);
  expect(JSON.parse(inputs[0] ?? '')).toEqual({ type: 'physiclaw-genesis', keyslots: [] });
});

test('a program that fails is named, with its last words', async () => {
  const tpm = { register: () => Promise.resolve(unchanged) };
  const volume = new Volume({ tpm, by: () => answer(false) });

  await expect(volume.make('absent')).rejects.toMatchObject({
    code: 'FIRSTBOOT_PROGRAM_FAILED',
    message: expect.stringContaining('Operation not permitted'),
  });
});
