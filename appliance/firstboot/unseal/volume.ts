import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRecoveryKey, type Tpm } from '@physiclaw/seal';
import { z } from 'zod';
import { FirstBootError } from '../error.ts';
import { type Attempt, attempt, type Command, run } from '../program.ts';
import { hasHeader } from './header.ts';

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
const BY_TPM = 'tpm2-device=auto,headless=1';
const CRYPTSETUP = '/usr/sbin/cryptsetup';
const ENROLL = '/usr/bin/systemd-cryptenroll';
const UNCHANGED = '0'.repeat(64);
const MAKING_MS = 300_000;

const Header = z.object({ tokens: z.record(z.string(), z.object({ type: z.string() })) });

/** `partial`: its making was cut short, and nobody relied on it. */
export type Condition = 'complete' | 'partial' | 'absent';

export interface VolumeOptions {
  readonly tpm: Pick<Tpm, 'register'>;
  readonly partition?: string;
  /** What runs the programs of cryptsetup and systemd. */
  readonly by?: Attempt;
}

/** The state volume: a partition that LUKS encrypts, bound to the TPM, with one recovery key. */
export class Volume {
  readonly #tpm: Pick<Tpm, 'register'>;
  readonly #partition: string;
  readonly #by: Attempt;

  constructor({ tpm, partition = '/dev/disk/by-partlabel/state', by = attempt }: VolumeOptions) {
    this.#tpm = tpm;
    this.#partition = partition;
    this.#by = by;
  }

  /**
   * How far it is. One whose genesis was cut short has no mark in its header: nobody relied on it
   * yet, because no service starts before the mark is written.
   *
   * @throws FirstBootError FIRSTBOOT_PROGRAM_FAILED when its header is damaged: it is not made again.
   */
  async condition(): Promise<Condition> {
    await this.#settle();
    if (!existsSync(this.#partition)) return 'absent';
    if (!hasHeader(this.#partition)) return 'partial';
    const text = await this.#run([CRYPTSETUP, 'luksDump', '--dump-json-metadata', this.#partition]);
    const { tokens } = Header.parse(JSON.parse(text));
    return Object.values(tokens).some(({ type }) => type === COMPLETE) ? 'complete' : 'partial';
  }

  /**
   * Makes it in place of one that is not complete, and opens it. Resolves to its recovery key.
   *
   * @throws FirstBootError FIRSTBOOT_ARGUMENTS_ADDED: it would be bound to those arguments.
   */
  async make(found: Exclude<Condition, 'complete'>): Promise<string> {
    await this.#demandNoArguments();
    const again = found === 'partial' ? ['--factory-reset=yes'] : [];
    const what = ['--dry-run=no', '--no-pager', `--definitions=${DEFINITIONS}`];
    const repart = ['/usr/bin/systemd-repart', ...what, ...again, ...BINDING] as const;
    await run(repart, { timeoutMs: MAKING_MS }, this.#by);
    await this.#settle();
    const enroll = [
      ENROLL,
      '--recovery-key',
      '--unlock-tpm2-device=auto',
      this.#partition,
    ] as const;
    const key = (await this.#run(enroll)).trim();
    if (!isRecoveryKey(key)) {
      const message = 'expected a recovery key of systemd-cryptenroll, found another text';
      throw new FirstBootError('FIRSTBOOT_PROGRAM_FAILED', message);
    }
    await this.#run(this.#attach());
    return key;
  }

  /**
   * Opens it by the TPM; where that refuses, by the recovery key, and binds it to this TPM anew.
   *
   * @throws FirstBootError FIRSTBOOT_ARGUMENTS_ADDED, FIRSTBOOT_VOLUME_LOCKED
   */
  async unlock(recovery: string | undefined): Promise<void> {
    const { isFailed, complaint } = await this.#by(this.#attach());
    if (!isFailed) return;
    // A recovery key that was typed for this machine must not open it to whoever added arguments.
    await this.#demandNoArguments();
    if (recovery === undefined) throw locked(`the TPM does not open it (${complaint})`);
    const options = ['--type=luks2', '--key-file=-'];
    const open = [CRYPTSETUP, 'open', ...options, this.#partition, 'state'] as const;
    const opened = await this.#by(open, { input: recovery });
    if (opened.isFailed) throw locked('neither the TPM opens it nor the recovery key of the seed');
    await this.#bind(recovery);
  }

  /** In place of whatever TPM it was bound to. The program takes a key from a file only. */
  async #bind(recovery: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'recovery-'));
    const file = join(folder, 'key');
    try {
      writeFileSync(file, recovery, { mode: 0o600 });
      // First: the same binding to another TPM would be taken for this one, and nothing done.
      await this.#run([ENROLL, '--wipe-slot=tpm2', this.#partition]);
      await this.#run([ENROLL, `--unlock-key-file=${file}`, ...BINDING, this.#partition]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Mounts what was opened. */
  async mount(): Promise<void> {
    await this.#settle(`--exit-if-exists=${MAPPED}`);
    await this.#run(['/usr/bin/systemctl', 'start', '--no-ask-password', MOUNT]);
  }

  /** From now on it is never made again. */
  async complete(): Promise<void> {
    const input = JSON.stringify({ type: COMPLETE, keyslots: [] });
    const token = [CRYPTSETUP, 'token', 'import', '--json-file=-', this.#partition] as const;
    await run(token, { input }, this.#by);
  }

  #attach(): Command {
    return ['/usr/bin/systemd-cryptsetup', 'attach', 'state', this.#partition, '-', BY_TPM];
  }

  async #settle(...more: string[]): Promise<void> {
    await this.#run(['/usr/bin/udevadm', 'settle', '--timeout=30', ...more]);
  }

  #run(command: Command): Promise<string> {
    return run(command, {}, this.#by);
  }

  async #demandNoArguments(): Promise<void> {
    const found = await this.#tpm.register(12);
    if (found === UNCHANGED) return;
    throw new FirstBootError(
      'FIRSTBOOT_ARGUMENTS_ADDED',
      `expected the kernel arguments of the image alone, found others (PCR 12 is ${found.slice(0, 16)}...); remove them from firmware or hypervisor and start again`,
    );
  }
}

function locked(why: string): FirstBootError {
  return new FirstBootError(
    'FIRSTBOOT_VOLUME_LOCKED',
    `the state volume stays closed: ${why}; start the released image on the machine that made it, or give the recovery key in the seed`,
  );
}
