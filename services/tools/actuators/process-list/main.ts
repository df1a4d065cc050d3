import { setTimeout as sleep } from 'node:timers/promises';
import { type NotChecked, numberOf, serve } from '../serve.ts';
import { KernelFiles } from './kernel.ts';
import { type Process, processesIn } from './processes.ts';

const PROC = '/mounts/processes';
const BETWEEN_MS = 500;

await serve(async (given) => {
  const kernel = new KernelFiles(PROC);
  const before = new Map(processesIn(PROC).map((process) => [keyOf(process), process.cpuTicks]));
  const began = performance.now();
  await sleep(BETWEEN_MS);
  const after = processesIn(PROC);
  const seconds = (performance.now() - began) / 1000;
  const processes = after.map(({ cpuTicks, ...process }) => {
    const ticks = cpuTicks - (before.get(keyOf(process)) ?? cpuTicks);
    return { ...process, cpuSeconds: cpuTicks / 100, cpuPercent: Math.round(ticks / seconds) };
  });
  const top = numberOf(given, 'top', 50);
  const inState = (state: string) => processes.filter((process) => process.state === state).length;
  return {
    ...kernel.memory(),
    ...kernel.load(),
    ...kernel.uptime(),
    ...kernel.pressure(),
    ...kernel.outOfMemory(),
    processCount: processes.length,
    threadCount: processes.reduce((total, { threads }) => total + threads, 0),
    zombieCount: inState('Z'),
    uninterruptibleCount: inState('D'),
    processes: largest(processes, top),
    processesTruncated: processes.length > top,
    notChecked: [...kernel.notChecked, ...hiddenFrom(processes)],
  };
});

/** Process 1 is everybody's: where it is not shown, others are not either. */
function hiddenFrom(processes: readonly { pid: number }[]): NotChecked[] {
  const all = processes.some(({ pid }) => pid === 1);
  return all ? [] : [{ what: 'processes of other users', why: 'hidden' }];
}

/** A number is given to another process once its first one is gone. */
function keyOf({ pid, startSeconds }: Pick<Process, 'pid' | 'startSeconds'>): string {
  return `${pid}:${startSeconds}`;
}

function largest<Row extends { rssBytes: number; cpuPercent: number; pid: number }>(
  rows: readonly Row[],
  count: number,
): Row[] {
  // Whoever works hard is listed too, however small he is.
  const byMemory = rows.toSorted((a, b) => b.rssBytes - a.rssBytes || a.pid - b.pid);
  const busy = rows.filter(({ cpuPercent }) => cpuPercent >= 10).slice(0, count);
  return [...new Set([...busy, ...byMemory])]
    .slice(0, count)
    .toSorted((a, b) => b.rssBytes - a.rssBytes || a.pid - b.pid);
}
