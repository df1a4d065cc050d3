import {
  closeSync,
  fchownSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { ownUid } from './users.ts';

const MOST_BYTES = 8 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 12;
const TAIL_COLUMNS = 600;

/**
 * Makes a log file that the owner of the stack can read, and begins it anew when it has grown
 * large; what it held stays one start longer.
 */
export function prepareLog(path: string, owner = ownUid()): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MOST_BYTES) renameSync(path, `${path}.1`);
  const file = openSync(path, 'a', 0o600);
  try {
    if (fstatSync(file).uid !== owner) fchownSync(file, owner, -1);
  } finally {
    closeSync(file);
  }
}

/** The last lines that were written since the file was `from` bytes long. */
export function tailOf(path: string, from = 0): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(from, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(size - start, 0));
    const read = readSync(file, bytes, 0, bytes.length, start);
    const lines = bytes.subarray(0, read).toString('utf8').trimEnd().split('\n');
    const last = lines.slice(-TAIL_LINES).map((line) => line.slice(0, TAIL_COLUMNS));
    return last.join('\n') || 'nothing was written';
  } finally {
    closeSync(file);
  }
}
