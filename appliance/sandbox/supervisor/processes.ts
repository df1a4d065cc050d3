import { readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import type { Usage } from './meter.ts';

const TICK_MS = 10;

export interface Sample extends Usage {
  /** Processes and threads, as the kernel's own limits count them. */
  readonly tasks: number;
}

/**
 * All processes of the sandbox whose first process this is, and its /tmp, summed up. They are read in the
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
    const memoryBytes = sum('memoryBytes') + heldBytes(`/proc/${init}/root/tmp`);
    return { cpuMs: sum('cpuMs'), memoryBytes, tasks: sum('tasks') };
  } catch {
    return undefined;
  }
}

/** What a file system of memory takes; an empty file costs the kernel about a kilobyte. */
function heldBytes(tmpfs: string): number {
  const { blocks, bfree, bsize, files, ffree } = statfsSync(tmpfs);
  return (blocks - bfree) * bsize + (files - ffree) * 1024;
}

/** CPU time of the children that this process has waited for, and of theirs. */
export function reapedMs(): number {
  return times('/proc/self')[2];
}

/**
 * Whether a thread of the process is left. Its first one may have ended and show as a zombie while
 * others, and with them the sandbox that they are the first process of, live on.
 */
export function isAlive(pid: number): boolean {
  try {
    const fields = stat(`/proc/${pid}`);
    return fields[0] !== 'Z' || Number(fields[20 - 3]) > 1;
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
