import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';

export const MEBIBYTE = 1_048_576;

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'disk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder on a file system of so many bytes; both go with the test. */
export function smallDisk(bytes: number): string {
  const folder = temporaryFolder();
  execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('/usr/bin/umount', [folder]));
  return folder;
}

/** Takes every free block of the disk that a folder lies on. */
export function fillDisk(folder: string): void {
  for (let piece = MEBIBYTE; piece >= 4096;) {
    try {
      appendFileSync(join(folder, 'ballast'), new Uint8Array(piece));
    } catch {
      // What does not fit in large pieces fits in small ones.
      piece /= 4;
    }
  }
}

/** Path of every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !statSync(join(folder, path)).isDirectory())
    .map((path) => relative(folder, join(folder, path)))
    .toSorted();
}
