import { rmSync } from 'node:fs';
import { Machine } from '../machine/machine.ts';
import { at, out } from './places.ts';
import type { Step } from './step.ts';

const SECONDS = 600;

/** Starts the disk once, with a new TPM and no network, and looks whether it can be claimed. */
export const step: Step = {
  name: 'look',
  after: ['esp'],
  reads: [],
  makes: [at('look')],
  run: async () => {
    Machine.make(at('look'), { disk: at('disk.raw'), format: 'raw', vars: `${out}/vars.fd` });
    await using machine = await Machine.start(at('look'));
    const claim = await machine.screen.first(/^physiclaw\| claim code: .+$/m, SECONDS);
    rmSync(at('look/disk.qcow2'));
    if (claim) return;
    const end = machine.screen.text.trim().split('\n').slice(-30).join('\n');
    throw new Error(`expected a claim code within ${SECONDS} s; the screen ends so:\n${end}`);
  },
};
