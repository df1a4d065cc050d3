import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Arguments, command, inTools, tool } from './command.ts';
import { at, repository } from './places.ts';
import type { Step } from './step.ts';

const definitions = join(repository, 'packer/repart.d');

/** Names what repart names: the same in every build. */
const SEED = '3e1d0a9c-0b0f-4d0e-9f7a-1c2b3a4d5e6f';

const Partitions = z.array(z.looseObject({ roothash: z.string().nullish() }));

/** A disk with the root and its hashes; nothing starts it yet. */
export const step: Step = {
  name: 'disk',
  after: ['root'],
  reads: [definitions],
  makes: [at('root.raw'), at('roothash'), at('repart.d')],
  run: () => {
    command('cp', ['-r', definitions, at('repart.d')]);
    const options = ['--empty=create', '--size=auto', '--defer-partitions=esp', '--json=short'];
    const made = repart([...options, `--root=${inTools(at('root'))}`, inTools(at('root.raw'))]);
    const { roothash } = Partitions.parse(JSON.parse(made)).find((one) => one.roothash) ?? {};
    if (!roothash) throw new Error(`repart made no root hash: ${made}`);
    writeFileSync(at('roothash'), roothash);
  },
};

/** systemd-repart on a file: no loop device, no mount, and sectors as the firmware reads them. */
export function repart(options: Arguments): string {
  const fixed = [
    ['--offline=yes', '--dry-run=no', '--no-pager', '--sector-size=512', `--seed=${SEED}`],
    `--definitions=${inTools(at('repart.d'))}`,
  ];
  return tool('systemd-repart', [...fixed, ...options], {
    environment: { SYSTEMD_REPART_MKFS_OPTIONS_EROFS: '-zlz4hc' },
  });
}
