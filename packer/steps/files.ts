import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { command } from './command.ts';
import { at, out, version } from './places.ts';
import type { Step } from './step.ts';

const name = `${out}/physiclaw-${version}`;

/** The disk to write onto a machine or to give to QEMU, and what it is known by. */
export const step: Step = {
  name: 'files',
  after: ['esp'],
  reads: [],
  makes: [`${name}.raw.zst`, `${name}.qcow2`, `${out}/identity.json`],
  run: () => {
    const disk = at('disk.raw');
    command('zstd', ['-q', '-T2', '-3', disk, '-o', `${name}.raw.zst`]);
    command('qemu-img', [
      'convert',
      '-c',
      '-o',
      'compression_type=zstd',
      '-O',
      'qcow2',
      disk,
      `${name}.qcow2`,
    ]);
    writeFileSync(`${out}/identity.json`, `${JSON.stringify(identity(), null, 2)}\n`);
  },
};

function identity(): Record<string, string> {
  const [, pcr11 = ''] = /^11:sha256=([0-9a-f]{64})$/m.exec(read('uki/measured')) ?? [];
  if (pcr11 === '')
    throw new Error(`expected PCR 11 in what ukify measured: ${read('uki/measured')}`);
  const uki = createHash('sha256')
    .update(readFileSync(at('uki/signed.efi')))
    .digest('hex');
  return { version, rootHash: read('roothash'), uki: `sha256:${uki}`, pcr11 };
}

function read(path: string): string {
  return readFileSync(at(path), 'utf8');
}
