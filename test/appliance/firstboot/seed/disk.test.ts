import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSeedDisk } from '#appliance/firstboot/seed/disk.ts';

// Kernels of build machines know it, and not always the one that seeds have.
const type = 'ext4';
const MKFS = `/usr/sbin/mkfs.${type}`;
const isRoot = process.getuid?.() === 0;

/** A disk with these files, and a link for a seed where one is wanted. */
function makeDisk(files: Readonly<Record<string, string>>, link?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'seed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  for (const name of ['place', 'content']) mkdirSync(at(name));
  for (const [name, text] of Object.entries(files)) writeFileSync(at(`content/${name}`), text);
  if (link !== undefined) symlinkSync(link, at('content/seed.yaml'));
  execFileSync(MKFS, ['-q', '-d', at('content'), at('disk'), '4M'], { stdio: 'pipe' });
  return { place: at('place'), disk: { device: at('disk'), type } };
}

describe.skipIf(!isRoot)('a disk in the machine', () => {
  test('gives the text of its seed, and is let go of', async () => {
    const { place, disk } = makeDisk({ 'seed.yaml': 'host: a\n', 'autorun.sh': 'reboot' });

    expect(await readSeedDisk(place, disk)).toBe('host: a\n');
    expect(readdirSync(place)).toEqual([]);
  });

  test.each([
    ['without a seed', { 'SEED.TXT': 'host: a' }, undefined, 'seed.yaml'],
    ['with one that is too long', { 'seed.yaml': '#'.repeat(20_000) }, undefined, '16384 bytes'],
    ['with a link to a file of the machine', {}, '/etc/hostname', 'seed.yaml'],
  ])('%s is refused, and let go of', async (_what, files, link, message) => {
    const { place, disk } = makeDisk(files, link);

    await expect(readSeedDisk(place, disk)).rejects.toMatchObject({
      code: 'FIRSTBOOT_SEED_REFUSED',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(place)).toEqual([]);
  });
});

test('no disk is no seed', async () => {
  const disk = { device: '/dev/disk/by-label/NOWHERE', type };

  expect(await readSeedDisk('/nowhere', disk)).toBeUndefined();
});
