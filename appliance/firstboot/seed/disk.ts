import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { FirstBootError } from '../error.ts';
import { run } from '../program.ts';

const DISK = { device: '/dev/disk/by-label/PHYSICLAW', type: 'vfat' };
const MOST_BYTES = 16 * 1024;

/**
 * The text of the owner's seed; undefined where no disk has the label. The disk is mounted for this
 * process alone, and nothing on it is run.
 *
 * @throws FirstBootError FIRSTBOOT_SEED_REFUSED when the disk has no file of this name and size.
 */
export async function readSeedDisk(
  place: string,
  { device, type } = DISK,
): Promise<string | undefined> {
  await run(['/usr/bin/udevadm', 'settle', '--timeout=30']);
  if (!existsSync(device)) return undefined;
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const options = 'ro,nosuid,nodev,noexec,nosymfollow';
  await run(['/usr/bin/mount', '-t', type, '-o', options, device, place]);
  try {
    return readFile(join(place, 'seed.yaml'));
  } finally {
    await run(['/usr/bin/umount', place]);
  }
}

function readFile(path: string): string {
  const file = openFile(path);
  try {
    const { size } = fstatSync(file);
    if (size > MOST_BYTES) throw refused(`at most ${MOST_BYTES} bytes, found ${size}`);
    const bytes = Buffer.alloc(size);
    readSync(file, bytes, 0, size, 0);
    return bytes.toString();
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw refused('the file seed.yaml on the disk, found none that can be read', cause);
  }
}

function refused(what: string, cause?: unknown): FirstBootError {
  return new FirstBootError('FIRSTBOOT_SEED_REFUSED', `seed disk: expected ${what}`, { cause });
}
