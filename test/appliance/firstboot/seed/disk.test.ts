import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSeedDisk } from '#appliance/firstboot/seed/disk.ts';

// Kernels of build machines know it, and not always the one that seeds have.
const type = 'ext4';
const MKFS = `/usr/sbin/mkfs.${type}`;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' }).trim();

/** A disk with these files, as the kernel shows it. */
function makeDisk(files: Readonly<Record<string, string>>, link?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'seed-'));
  const [image, place] = [join(folder, 'disk'), join(folder, 'place')];
  writeFileSync(image, '');
  truncateSync(image, 2 ** 22);
  run(MKFS, '-q', '-L', 'PHYSICLAW', image);
  const device = run('/usr/sbin/losetup', '--find', '--show', image);
  onTestFinished(() => {
    run('/usr/sbin/losetup', '--detach', device);
    rmSync(folder, { recursive: true });
  });
  mkdirSync(place);
  run('/usr/bin/mount', '-t', type, device, place);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  if (link !== undefined) symlinkSync(link, join(place, 'seed.yaml'));
  run('/usr/bin/umount', place);
  return { place, disk: { device, type } };
}

describe.skipIf(process.getuid?.() !== 0 || !existsSync(MKFS))('a disk in the machine', () => {
  test('gives the text of its seed, and is let go of', async () => {
    const { place, disk } = makeDisk({ 'seed.yaml': 'host: a\n', 'autorun.sh': 'reboot' });

    expect(await readSeedDisk(place, disk)).toBe('host: a\n');
    expect(readdirSync(place)).toEqual([]);
  });

  test.each([
    ['without a seed', { 'SEED.TXT': 'host: a' }, 'seed.yaml'],
    ['with one that is too long', { 'seed.yaml': '#'.repeat(20_000) }, '16384 bytes'],
  ])('%s is refused, and let go of', async (_what, files, message) => {
    const { place, disk } = makeDisk(files);

    await expect(readSeedDisk(place, disk)).rejects.toMatchObject({
      code: 'FIRSTBOOT_SEED_REFUSED',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(place)).toEqual([]);
  });
});

describe.skipIf(process.getuid?.() !== 0 || !existsSync(MKFS))('a link on a disk', () => {
  test('leads nowhere', async () => {
    const { place, disk } = makeDisk({}, '/etc/hostname');

    await expect(readSeedDisk(place, disk)).rejects.toMatchObject({
      code: 'FIRSTBOOT_SEED_REFUSED',
    });
  });
});

test('no disk is no seed', async () => {
  expect(
    await readSeedDisk('/nowhere', { device: '/dev/disk/by-label/NOWHERE', type }),
  ).toBeUndefined();
});
