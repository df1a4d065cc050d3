import { readdirSync, readFileSync } from 'node:fs';
import { isRefusal } from './error.ts';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessName {
  readonly pid: number;
  /** Field 22 of `/proc/<pid>/stat`: ticks since boot. */
  readonly startTime: string;
}

interface ProcessStat {
  readonly state: string;
  readonly startTime: string;
  readonly cpuTicks: number;
}

// What the kernel shows to programs is in hundredths of a second on every Linux.
const TICKS_PER_SECOND = 100;

/** The name of a process that runs now. */
export function nameProcess(pid: number): ProcessName | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether it still runs. One that ended and waits for its parent does not. */
export function isAlive({ pid, startTime }: ProcessName): boolean {
  const stat = readStat(pid);
  return stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** CPU seconds that these processes, and children that they waited for, have used. */
export function cpuSecondsOf(pids: readonly number[]): number {
  const ticks = pids.reduce((sum, pid) => sum + (readStat(pid)?.cpuTicks ?? 0), 0);
  return ticks / TICKS_PER_SECOND;
}

/**
 * Proportional set size of these processes in bytes: what they share is counted once. Undefined
 * when the kernel does not show it to this user.
 */
export function memoryOfProcesses(pids: readonly number[]): number | undefined {
  let bytes = 0;
  for (const pid of pids) {
    const kibibytes = readPss(pid);
    if (kibibytes === undefined) return undefined;
    bytes += kibibytes * 1024;
  }
  return bytes;
}

/** Packets that this machine has sent to others since it booted: every interface but loopback. */
export function packetsSent(): number {
  const lines = readFileSync('/proc/net/dev', 'utf8').trimEnd().split('\n').slice(2);
  return lines.reduce((sum, line) => {
    const [name = '', counters = ''] = line.split(':');
    return name.trim() === 'lo' ? sum : sum + Number(counters.trim().split(/\s+/)[9]);
  }, 0);
}

/** Sends a signal to exactly this process. Resolves to false when it runs no more. */
export function signal(name: ProcessName, signalName: NodeJS.Signals): boolean {
  if (!isAlive(name)) return false;
  try {
    return process.kill(name.pid, signalName);
  } catch (error) {
    if (isRefusal(error, 'ESRCH')) return false;
    throw error;
  }
}

/** The processes of this machine that this user can see. */
export function pidsOfMachine(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readStat(pid: number): ProcessStat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  const cpuTicks = [14, 15, 16, 17].reduce((sum, number) => sum + Number(field(number)), 0);
  return { state: field(3), startTime: field(22), cpuTicks };
}

function readPss(pid: number): number | undefined {
  const rollup = readOrNothing(`/proc/${pid}/smaps_rollup`);
  const found = rollup === undefined ? null : /^Pss:\s+(\d+) kB$/m.exec(rollup);
  if (found) return Number(found[1]);
  return readStat(pid) === undefined ? 0 : undefined;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isRefusal(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
