import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A command that does nothing for long, and that a process list shows under a number of its own. */
export const marked = () => String(1e6 + Math.floor(Math.random() * 1e9) / 1e3);

/** How many processes of this machine bear the mark: counted from outside, by the kernel's list. */
export function bearers(mark: string): number {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandOf(pid));
  return commands.filter(
    (words) => words.some((word) => word.endsWith('sleep')) && words.includes(mark),
  ).length;
}

/** Resolves with the milliseconds that it took. */
export async function until(holds: () => boolean, patienceMs = 5000): Promise<number> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > patienceMs) throw new Error('it did not come to pass');
    await sleep(10);
  }
  return performance.now() - began;
}

/** A script that starts it and waits for it. */
export const sleeper = (mark: string) => `
  import { spawnSync } from 'node:child_process';
  spawnSync('/usr/bin/sleep', ['${mark}'], { argv0: 'sleep' });`;

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
