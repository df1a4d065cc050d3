import { existsSync } from 'node:fs';
import { isRecoveryKey, type Tpm } from '@physiclaw/seal';
import { z } from 'zod';
import { FirstBootError } from '../error.ts';
import { attempt, run } from '../program.ts';

const PARTITION = '/dev/disk/by-partlabel/state';
const MAPPED = '/dev/mapper/state';
const DEFINITIONS = '/usr/lib/physiclaw/repart.d';
const PUBLIC_KEY = '/run/systemd/tpm2-pcr-public-key.pem';
const MOUNT = 'var-lib-physiclaw.mount';
/** In the volume's header from the moment that genesis is complete. */
const COMPLETE = 'physiclaw-genesis';
/** The firmware's and the owner's keys and further kernel arguments as they are, the image as signed. */
const BINDING = [
  '--tpm2-device=auto',
  '--tpm2-pcrs=7+12',
  `--tpm2-public-key=${PUBLIC_KEY}`,
  '--tpm2-public-key-pcrs=11',
] as const;
const CRYPTSETUP = '/usr/sbin/cryptsetup';
const ENROLL = '/usr/bin/systemd-cryptenroll';
const ATTACH = ['/usr/bin/systemd-cryptsetup', 'attach', 'state', PARTITION] as const;
const UNCHANGED = '0'.repeat(64);
const MAKING_MS = 300_000;

const Header = z.object({ tokens: z.record(z.string(), z.object({ type: z.string() })) });

export type Volume = 'complete' | 'partial' | 'absent';

/**
 * How far the state volume is. One whose genesis was cut short has no mark in its header: nobody
 * relied on it yet, because no service starts before the mark is written.
 */
export async function findVolume(): Promise<Volume> {
  await run(['/usr/bin/udevadm', 'settle', '--timeout=30']);
  if (!existsSync(PARTITION)) return 'absent';
  // Without a header nobody can ever read what lies in it.
  const found = await attempt([CRYPTSETUP, 'isLuks', '--type', 'luks2', PARTITION]);
  if (found.isFailed) return 'partial';
  const text = await run([CRYPTSETUP, 'luksDump', '--dump-json-metadata', PARTITION]);
  const { tokens } = Header.parse(JSON.parse(text));
  return Object.values(tokens).some(({ type }) => type === COMPLETE) ? 'complete' : 'partial';
}

/**
 * Makes the volume, bound to the TPM, in place of one that is not complete, and opens it. Resolves
 * to its recovery key.
 *
 * @throws FirstBootError FIRSTBOOT_ARGUMENTS_ADDED: it would be bound to those arguments.
 */
export async function makeVolume(volume: Volume, tpm: Pick<Tpm, 'register'>): Promise<string> {
  await demandNoArguments(tpm);
  const again = volume === 'partial' ? ['--factory-reset=yes'] : [];
  const what = ['--dry-run=no', '--no-pager', `--definitions=${DEFINITIONS}`];
  await run(['/usr/bin/systemd-repart', ...what, ...again, ...BINDING], { timeoutMs: MAKING_MS });
  await run(['/usr/bin/udevadm', 'settle', '--timeout=30']);
  const enroll = [ENROLL, '--recovery-key', '--unlock-tpm2-device=auto', PARTITION] as const;
  const key = (await run(enroll)).trim();
  if (!isRecoveryKey(key)) {
    const message = 'expected a recovery key of systemd-cryptenroll, found another text';
    throw new FirstBootError('FIRSTBOOT_PROGRAM_FAILED', message);
  }
  await attach();
  return key;
}

/**
 * Opens the volume by the TPM; where that refuses, by the recovery key, and binds it to this TPM
 * anew.
 *
 * @throws FirstBootError FIRSTBOOT_ARGUMENTS_ADDED, FIRSTBOOT_VOLUME_LOCKED
 */
export async function unlockVolume(
  tpm: Pick<Tpm, 'register'>,
  recovery: string | undefined,
): Promise<void> {
  const { isFailed, complaint } = await attempt([...ATTACH, '-', 'tpm2-device=auto,headless=1']);
  if (!isFailed) return;
  // A recovery key that was typed for this machine must not open it to whoever added arguments.
  await demandNoArguments(tpm);
  if (recovery === undefined) throw locked(`the TPM does not open it: ${complaint}`);
  const open = [CRYPTSETUP, 'open', '--type=luks2', '--key-file=-', PARTITION, 'state'] as const;
  const opened = await attempt(open, { input: recovery });
  if (opened.isFailed) throw locked('nor does the recovery key of the seed');
  await run([ENROLL, '--wipe-slot=tpm2', '--unlock-key-file=/dev/stdin', ...BINDING, PARTITION], {
    input: recovery,
  });
}

/** Mounts what was opened. */
export async function mountVolume(): Promise<void> {
  await run(['/usr/bin/udevadm', 'settle', '--timeout=30', `--exit-if-exists=${MAPPED}`]);
  await run(['/usr/bin/systemctl', 'start', '--no-ask-password', MOUNT]);
}

/** From now on the volume is never made again. */
export async function completeVolume(): Promise<void> {
  const token = JSON.stringify({ type: COMPLETE, keyslots: [] });
  await run([CRYPTSETUP, 'token', 'import', '--json-file=-', PARTITION], { input: token });
}

async function attach(): Promise<void> {
  await run([...ATTACH, '-', 'tpm2-device=auto,headless=1']);
}

async function demandNoArguments(tpm: Pick<Tpm, 'register'>): Promise<void> {
  const found = await tpm.register(12);
  if (found === UNCHANGED) return;
  throw new FirstBootError(
    'FIRSTBOOT_ARGUMENTS_ADDED',
    `expected the kernel arguments of the image alone, found others (PCR 12 is ${found.slice(0, 16)}...); remove them from firmware or hypervisor and start again`,
  );
}

function locked(why: string): FirstBootError {
  return new FirstBootError(
    'FIRSTBOOT_VOLUME_LOCKED',
    `the state volume stays closed: ${why}; start the released image on the machine that made it, or give the recovery key in the seed`,
  );
}
