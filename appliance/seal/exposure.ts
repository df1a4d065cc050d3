import type { Stats } from 'node:fs';
import { SealError } from './error.ts';

interface Expected {
  readonly type: 'file' | 'folder';
  /** Permission bits that must not be set. */
  readonly without: number;
}

/** @throws SealError SEAL_EXPOSED when a file is not ours alone, as far as `without` says. */
export function refuseExposed(path: string, stats: Stats, { type, without }: Expected): void {
  const own = process.geteuid?.();
  const isType = type === 'file' ? stats.isFile() : stats.isDirectory();
  if (!isType) throw exposed(path, `a ${type}`, 'something else');
  if (stats.uid !== own) throw exposed(path, `owner ${own}`, `owner ${stats.uid}`);
  const loose = stats.mode & without;
  if (loose !== 0) {
    throw exposed(path, `none of the permissions ${octal(without)}`, octal(stats.mode & 0o777));
  }
}

/** Somebody else may have read or changed it, so it is not put right and used. */
function exposed(path: string, expected: string, found: string): SealError {
  return new SealError(
    'SEAL_EXPOSED',
    `${path}: expected ${expected}, found ${found}; find out who could reach it, then correct it or begin anew in another PHYSICLAW_HOME`,
  );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
