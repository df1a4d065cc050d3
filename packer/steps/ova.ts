import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { command } from './command.ts';
import { epoch } from './epoch.ts';
import { describe } from './ovf.ts';
import { at, out, version } from './places.ts';
import type { Step } from './step.ts';

const DISK = 'physiclaw-disk1.vmdk';

/** The disk with a description of its machine, as VMware and others take it. */
export const step: Step = {
  name: 'ova',
  after: ['esp'],
  reads: [new URL('ovf.ts', import.meta.url).pathname],
  makes: [`${out}/physiclaw-${version}.ova`, at('ova')],
  run: () => {
    mkdirSync(at('ova'));
    const vmdk = ['-O', 'vmdk', '-o', 'subformat=streamOptimized,adapter_type=lsilogic'];
    command('qemu-img', ['convert', ...vmdk, at('disk.raw'), at('ova', DISK)]);
    const sizes = { file: statSync(at('ova', DISK)).size, disk: statSync(at('disk.raw')).size };
    writeFileSync(at('ova/physiclaw.ovf'), describe(DISK, sizes));
    const files = ['physiclaw.ovf', DISK];
    writeFileSync(
      at('ova/physiclaw.mf'),
      files.map((file) => `SHA256(${file})= ${digestOf(file)}\n`).join(''),
    );
    const archive = ['--format=ustar', '--owner=0', '--group=0', `--mtime=@${epoch()}`];
    // The order is part of the format: description, manifest, disk.
    const members = ['physiclaw.ovf', 'physiclaw.mf', DISK];
    command('tar', [
      '-cf',
      `${out}/physiclaw-${version}.ova`,
      '-C',
      at('ova'),
      ...archive,
      ...members,
    ]);
  },
};

function digestOf(file: string): string {
  return createHash('sha256')
    .update(readFileSync(at('ova', file)))
    .digest('hex');
}
