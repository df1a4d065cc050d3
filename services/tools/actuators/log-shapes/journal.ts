import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { whyNot } from '../serve.ts';
import type { Found } from './files.ts';
import type { Line, Window } from './miner.ts';

const JOURNALCTL = '/usr/bin/journalctl';
const MOST_ENTRIES = 50_000;
const MOST_BYTES = 64 * 1024 ** 2;
const PATIENCE_MS = 20_000;
/** For a longer one journalctl writes null. */
const OMITTED = 'message of more than 4096 bytes';

/** What the systemd journal in a folder says in the window, where its own program can read it. */
export function readJournal(folder: string, window: Window): Found {
  const missing = whyMissing(folder);
  if (missing !== undefined) return nothing(missing);
  const options = [
    ...`-D ${folder} -o json --no-pager --quiet -n ${MOST_ENTRIES}`.split(' '),
    `--since=@${Math.floor(window.from)}`,
    `--until=@${Math.floor(window.until)}`,
    '--output-fields=MESSAGE,SYSLOG_IDENTIFIER,PRIORITY',
  ];
  const { error, stdout, stderr, status } = spawnSync(JOURNALCTL, options, {
    maxBuffer: MOST_BYTES,
    timeout: PATIENCE_MS,
    encoding: 'utf8',
  });
  if (error !== undefined) return nothing(whyNot(error));
  if (status !== 0) return nothing(stderr.split('\n')[0] || 'journalctl failed');
  const lines = parseJournal(stdout);
  if (lines.length === 0) return nothing('no entry that can be read');
  const cut = lines.length >= MOST_ENTRIES;
  return {
    lines,
    files: 1,
    notChecked: cut ? [{ what: 'journal, older entries', why: 'too many' }] : [],
  };
}

/** `journalctl -o json`: one object a line, each value a text, or a list of bytes where it is none. */
export function parseJournal(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const entry: Record<string, unknown> = JSON.parse(line);
      const priority = Number(entry['PRIORITY'] ?? 6);
      return {
        source: `journal ${textOf(entry['SYSLOG_IDENTIFIER']) || 'unnamed'}`,
        at: Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1e6),
        text: entry['MESSAGE'] === null ? OMITTED : textOf(entry['MESSAGE']),
        ...(priority <= 4 && { level: priority <= 3 ? 'error' : 'warning' }),
      };
    });
}

function textOf(value: unknown): string {
  const bytes = Array.isArray(value) ? Buffer.from(value).toString('utf8') : value;
  return typeof bytes === 'string' ? bytes.replaceAll(/\s+/g, ' ').trim() : '';
}

function whyMissing(folder: string): string | undefined {
  if (!existsSync(JOURNALCTL)) return 'no journalctl on this machine';
  try {
    return readdirSync(folder).length === 0 ? 'no journal is kept' : undefined;
  } catch (error) {
    return whyNot(error);
  }
}

function nothing(why: string): Found {
  return { lines: [], files: 0, notChecked: [{ what: 'journal', why }] };
}
