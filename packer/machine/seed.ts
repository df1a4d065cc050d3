import { rmSync, writeFileSync } from 'node:fs';
import { command } from '../steps/command.ts';

/** Makes the small second disk by which an owner tells a machine its address and its name. */
export function makeSeed(path: string, facts: Readonly<Record<string, string>>): void {
  const text = Object.entries(facts).map(([name, value]) => `${name}: ${value}\n`);
  rmSync(path, { force: true });
  writeFileSync(`${path}.yaml`, text.join(''));
  command('mkfs.vfat', ['-C', '-n', 'PHYSICLAW', path, '4096']);
  command('mcopy', ['-i', path, `${path}.yaml`, '::seed.yaml']);
}
