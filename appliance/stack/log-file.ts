import {
  closeSync,
  constants,
  copyFileSync,
  fchownSync,
  fstatSync,
  lchownSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { ownUid } from './users.ts';

const MOST_BYTES = 8 * 1024 * 1024;
const LOOK_MS = 60_000;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 12;
const TAIL_COLUMNS = 600;

/**
 * Makes a log file that the owner of the stack can read, and begins it anew when it has grown
 * large; what it held stays one start longer.
 */
export function prepareLog(path: string, owner = ownUid()): void {
  if (isLarge(path)) renameSync(path, `${path}.1`);
  const file = openSync(path, 'a', 0o600);
  try {
    if (fstatSync(file).uid !== owner) fchownSync(file, owner, -1);
  } finally {
    closeSync(file);
  }
}

/**
 * Looks every minute whether one of these logs has grown large, and begins it anew while its
 * writers go on: they append, wherever the end is. What it held stays beside it until the next
 * time; a line that is written in the instant between copy and cut is in neither.
 */
export function keepLogsSmall(paths: readonly string[], everyMs = LOOK_MS): Disposable {
  const timer = setInterval(() => paths.filter(isLarge).forEach(beginAnew), everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function isLarge(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES;
}

function beginAnew(path: string): void {
  const draft = `${path}.next`;
  try {
    rmSync(draft, { force: true });
    // A new file: whoever may write in the folder must not choose what is written to.
    copyFileSync(path, draft, constants.COPYFILE_EXCL);
    lchownSync(draft, statSync(path).uid, -1);
    renameSync(draft, `${path}.1`);
  } catch {
    // No room for both, most often: the log stays as it is, and the next look tries again.
    return;
  }
  truncateSync(path);
}

/** The last lines that were written since the file was `from` bytes long, or since it began anew. */
export function tailOf(path: string, from = 0): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(from > size ? 0 : from, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(size - start, 0));
    const read = readSync(file, bytes, 0, bytes.length, start);
    const lines = bytes.subarray(0, read).toString('utf8').trimEnd().split('\n');
    const last = lines.slice(-TAIL_LINES).map((line) => line.slice(0, TAIL_COLUMNS));
    return last.join('\n') || 'nothing was written';
  } finally {
    closeSync(file);
  }
}
