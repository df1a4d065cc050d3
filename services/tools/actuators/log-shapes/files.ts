import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { type NotChecked, whyNot } from '../serve.ts';
import type { Line, Window } from './miner.ts';
import { timeOf } from './time.ts';

const TAIL_BYTES = 4 * 1024 ** 2;
const MOST_FILES = 200;
const DEEPEST = 4;
const PACKED = /\.(gz|xz|zst|bz2|lz4)$/;

export interface Found {
  readonly lines: Line[];
  readonly files: number;
  readonly notChecked: NotChecked[];
}

/** The text logs below a folder that somebody wrote to in the window: the last part of each. */
export function readTextLogs(root: string, window: Window): Found {
  const notChecked: NotChecked[] = [];
  const lines: Line[][] = [];
  const complain = (what: string, why: string) => void notChecked.push({ what, why });
  const files = logsBelow(root, '', complain).filter(({ modified }) => modified >= window.from);
  const packed = files.filter(({ name }) => PACKED.test(name));
  if (packed.length > 0) complain(`${packed.length} packed files`, 'compressed');
  const plain = files.filter(({ name }) => !PACKED.test(name));
  for (const { name, size } of plain.slice(0, MOST_FILES)) {
    try {
      const text = tail(`${root}/${name}`, size);
      if (text === undefined) complain(name, 'binary');
      else lines.push(linesOf(name, text, window.until));
      if (size > TAIL_BYTES) complain(`${name}, first ${size - TAIL_BYTES} bytes`, 'too long');
    } catch (error) {
      complain(name, whyNot(error));
    }
  }
  if (plain.length > MOST_FILES) complain(`${plain.length - MOST_FILES} files`, 'too many');
  return { lines: lines.flat(), files: Math.min(plain.length, MOST_FILES), notChecked };
}

interface Log {
  readonly name: string;
  readonly size: number;
  readonly modified: number;
}

function logsBelow(
  root: string,
  folder: string,
  complain: (what: string, why: string) => void,
): Log[] {
  try {
    return readdirSync(`${root}/${folder}`, { withFileTypes: true })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const name = `${folder}${entry.name}`;
        if (entry.isFile()) return logAt(root, name);
        if (!entry.isDirectory() || name === 'journal') return [];
        if (name.split('/').length < DEEPEST) return logsBelow(root, `${name}/`, complain);
        complain(name, 'too deep');
        return [];
      });
  } catch (error) {
    complain(folder || 'text logs', whyNot(error));
    return [];
  }
}

/** None where it is empty, or was rotated away meanwhile. */
function logAt(root: string, name: string): Log[] {
  const { size = 0, mtimeMs = 0 } = statSync(`${root}/${name}`, { throwIfNoEntry: false }) ?? {};
  return size > 0 ? [{ name, size, modified: mtimeMs / 1000 }] : [];
}

/** The end of a file from the beginning of a line on; undefined where it is no text. */
function tail(path: string, size: number): string | undefined {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, size - bytes.length));
    if (read.includes(0)) return undefined;
    return read.toString('utf8', size > TAIL_BYTES ? read.indexOf('\n') + 1 : 0);
  } finally {
    closeSync(file);
  }
}

/** A line without a time was written with the one above it. */
function linesOf(source: string, text: string, now: number): Line[] {
  let at: number | undefined;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const time = timeOf(line, now);
      at = time?.at ?? at;
      return { source, at, text: time?.rest ?? line.trim() };
    });
}
