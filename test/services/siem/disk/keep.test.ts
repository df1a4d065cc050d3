import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keep } from '#services/siem/disk/keep.ts';
import { fillDisk, smallDisk, temporaryFolder } from '../../../appliance/platform/small-disk.ts';

test('what is kept is on the disk', async () => {
  const path = join(temporaryFolder(), 'file');

  expect(await keep(path, 'text')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('text');
});

test.runIf(process.geteuid?.() === 0)('a full disk is no fault, and no success', async () => {
  const folder = smallDisk(65_536);
  const path = join(folder, 'file');
  await keep(path, 'before');
  fillDisk(folder);

  expect(await keep(path, 'x'.repeat(100_000))).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('before');
});

test('a folder that is not there is a fault', async () => {
  await expect(keep('/nowhere/file', 'x')).rejects.toThrow('ENOENT');
});
