import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECES = [1_048_576, 4096];

/** A file system of a given size, which a test can fill to its last byte. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Bytes that a user who is not root could still write. */
  readonly free: number;
  fill(): void;
  empty(): void;
}

/** Needs root: it mounts. */
export function openSmallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'));
  execFileSync('/usr/bin/mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${mebibytes}m,mode=755`,
    'tmpfs',
    path,
  ]);
  const filler = join(path, 'filler');
  return {
    path,
    get free() {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    },
    fill() {
      const file = openSync(filler, 'a');
      for (const piece of PIECES) fillBy(file, Buffer.alloc(piece, 1));
      closeSync(file);
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      execFileSync('/usr/bin/umount', ['--lazy', path]);
      rmSync(path, { recursive: true });
    },
  };
}

function fillBy(file: number, piece: Uint8Array): void {
  for (;;) {
    try {
      writeSync(file, piece);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
  }
}
