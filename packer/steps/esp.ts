import { copyFileSync, mkdirSync } from 'node:fs';
import { command, inTools } from './command.ts';
import { repart } from './disk.ts';
import { at } from './places.ts';
import type { Step } from './step.ts';

/** What the state volume may grow into where nobody gives the machine more. */
const SIZE = '8G';

/** The disk as it ships: the partition that the firmware starts from, and room for the state. */
export const step: Step = {
  name: 'esp',
  after: ['uki'],
  reads: [],
  makes: [at('disk.raw'), at('esp')],
  run: () => {
    mkdirSync(at('esp/esp/EFI/BOOT'), { recursive: true });
    copyFileSync(at('uki/signed.efi'), at('esp/esp/EFI/BOOT/BOOTX64.EFI'));
    command('cp', ['--sparse=always', at('root.raw'), at('disk.raw')]);
    repart([`--root=${inTools(at('esp'))}`, inTools(at('disk.raw'))]);
    command('truncate', ['-s', SIZE, at('disk.raw')]);
    command('sgdisk', ['--move-second-header', at('disk.raw')]);
  },
};
