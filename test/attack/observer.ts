import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../ledger/ledger.ts';

/** Counts effects where they happen, on the host: it asks nothing of the product. */
export interface Observer extends AsyncDisposable {
  /** What happened that bears this mark: lines in the ledger, and the most processes at once. */
  effects(mark: string): number;
  /** Processes that bear it now. */
  alive(mark: string): number;
}

const EVERY_MS = 15;
const MARK = /31\d{7}/g;

/** A name for one attack: digits, so that a process can bear it as a number of seconds. */
export function newMark(): string {
  return `31${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
}

export function observe(ledger: Ledger): Observer {
  const most = new Map<string, number>();
  const over = new AbortController();
  const look = () => {
    const now = processes();
    for (const [mark, count] of now) most.set(mark, Math.max(count, most.get(mark) ?? 0));
    return now;
  };
  const watch = async () => {
    while (!over.signal.aborted) {
      look();
      await sleep(EVERY_MS);
    }
  };
  const watching = watch();
  return {
    effects: (mark) =>
      ledger.lines().filter((line) => line.includes(mark)).length + (most.get(mark) ?? 0),
    alive: (mark) => look().get(mark) ?? 0,
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
    },
  };
}

/** How many programs `sleep` bear each mark: who starts one is not counted beside it. */
function processes(): Map<string, number> {
  const found = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = commandOf(pid);
    if (!/^(\/usr)?(\/bin\/)?sleep\0/.test(command)) continue;
    for (const mark of new Set(command.match(MARK))) found.set(mark, (found.get(mark) ?? 0) + 1);
  }
  return found;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
