import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { command, inTools, tool } from '../../packer/steps/command.ts';
import { at } from '../../packer/steps/places.ts';

const SECTOR = 512;
const ESP = 1;
const ROOT = 2;
/** What every service is: its first block says to the kernel how to start it. */
const PROGRAM = '/usr/lib/physiclaw/bin/node';

/** The disk with the same kernel and arguments, and nobody's signature. */
export function unsignedDisk(target: string): void {
  copyDisk(target);
  const esp = `${target}@@${startOf(target, ESP)}`;
  command('mcopy', ['-o', '-i', esp, at('uki/unsigned.efi'), '::EFI/BOOT/BOOTX64.EFI']);
}

/** The disk with one bit turned in the first block of a program. */
export function flippedDisk(target: string): void {
  copyDisk(target);
  const root = startOf(target, ROOT);
  const where = ['-e', `--path=${PROGRAM}`, `--offset=${root}`, inTools(at('disk.raw'))];
  const [, block] = /^ +0:.*: +(\d+)\.\./m.exec(tool('dump.erofs', where)) ?? [];
  if (block === undefined) throw new Error(`expected the place of ${PROGRAM} on the disk`);
  const file = openSync(target, 'r+');
  const byte = Buffer.alloc(1);
  const place = root + Number(block) + 100;
  readSync(file, byte, { position: place });
  byte.writeUInt8(byte.readUInt8(0) ^ 1);
  writeSync(file, byte, 0, 1, place);
  closeSync(file);
}

function copyDisk(target: string): void {
  command('cp', ['--sparse=always', at('disk.raw'), target]);
}

/** Where a partition begins, in bytes. */
function startOf(disk: string, partition: number): number {
  const told = command('sgdisk', [`--info=${partition}`, disk]);
  const [, sector] = /^First sector: (\d+)/m.exec(told) ?? [];
  if (sector === undefined) throw new Error(`expected partition ${partition}, found: ${told}`);
  return Number(sector) * SECTOR;
}
