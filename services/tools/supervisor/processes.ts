import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Usage } from './meter.ts';

const TICK_MS = 10;

export interface Sample extends Usage {
  /** Processes and threads, as the kernel's own limits count them. */
  readonly tasks: number;
}

/**
 * All processes of the sandbox whose first process this is, summed up. They are read in the
 * sandbox's own /proc, which lists nobody else, `most` at most. Undefined until the sandbox stands
 * and once it fell.
 */
export function sampleSandbox(init: number, most: number): Sample | undefined {
  const proc = `/proc/${init}/root/proc`;
  try {
    // Until the sandbox stands, its root is the host's, and so would the processes be.
    if (readlinkSync(`${proc}/1/ns/pid`) !== readlinkSync(`/proc/${init}/ns/pid`)) return undefined;
    const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
    // A fork bomb would grow for as long as it takes to look at each of its processes.
    const samples = pids.slice(0, most).map((pid) => sampleProcess(`${proc}/${pid}`));
    const sum = (key: keyof Sample) => samples.reduce((total, sample) => total + sample[key], 0);
    return { cpuMs: sum('cpuMs'), memoryBytes: sum('memoryBytes'), tasks: sum('tasks') };
  } catch {
    return undefined;
  }
}

/** CPU time of the children that this process has waited for, and of theirs. */
export function reapedMs(): number {
  return times('/proc/self')[2];
}

/** A process that ended and was not waited for yet is not alive. */
export function isAlive(pid: number): boolean {
  try {
    return stat(`/proc/${pid}`)[0] !== 'Z';
  } catch {
    return false;
  }
}

function sampleProcess(folder: string): Sample {
  try {
    const [tasks, own, reaped] = times(folder);
    const status = readFileSync(`${folder}/status`, 'utf8');
    const kilobytes = [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)];
    const memoryBytes = kilobytes.reduce((total, [, kB]) => total + Number(kB) * 1024, 0);
    return { tasks, cpuMs: own + reaped, memoryBytes };
  } catch {
    // It ended between two reads; what it used is in its parent's time from now on.
    return { tasks: 0, cpuMs: 0, memoryBytes: 0 };
  }
}

/** Threads, own CPU time, and that of children waited for (proc_pid_stat(5), fields 20, 14 to 17). */
function times(folder: string): [tasks: number, own: number, reaped: number] {
  const fields = stat(folder);
  const sum = (...numbers: number[]) =>
    numbers.reduce((total, number) => total + Number(fields[number - 3]), 0);
  return [sum(20), sum(14, 15) * TICK_MS, sum(16, 17) * TICK_MS];
}

/** The fields from the third on: the second, the name, may hold spaces and parentheses. */
function stat(folder: string): string[] {
  const text = readFileSync(`${folder}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
