import { readFileSync } from 'node:fs';
import { Isolation } from '@physiclaw/contracts';
import { z } from 'zod';
import { isRefusal } from './error.ts';
import { placesOf, type Places } from './places.ts';
import { type Egress, egressOf } from './egress.ts';
import { isAlive, memoryOfProcesses } from './process-table.ts';

const ProcessName = { pid: z.int().positive(), startTime: z.string() };

/** How far one service is. `ended`: it is started again after a pause. */
export const ServiceState = z.strictObject({
  pid: ProcessName.pid.optional(),
  startTime: ProcessName.startTime.optional(),
  state: z.enum(['starting', 'waiting', 'ready', 'ended']),
  /** What it waits for, in its own words. */
  waitingFor: z.string().optional(),
  restarts: z.int().nonnegative(),
});
export type ServiceState = z.infer<typeof ServiceState>;

/** What a running stack says of itself. */
export const StackState = z.strictObject({
  ...ProcessName,
  home: z.string(),
  run: z.string(),
  dist: z.string(),
  port: z.int(),
  isolation: Isolation,
  /** Why the services share one user, where they do. */
  isolationReason: z.string().optional(),
  /** What limits the runs of `tools`. */
  cgroup: z.enum(['v1', 'v2', 'none']),
  /** The folders of that group. */
  cgroupFolders: z.array(z.string()),
  keyProvider: z.literal('file'),
  services: z.record(z.string(), ServiceState),
  /** When every service was ready for the first time, after how long and how much work of theirs. */
  readyAt: z.iso.datetime().optional(),
  wallMs: z.number().optional(),
  cpuSeconds: z.number().optional(),
  /** What `packetsOut` counts from where the kernel does not count for the services alone. */
  packetsBefore: z.number(),
  /** The table in which the kernel counts the packets of the services. */
  egressTable: z.string().optional(),
  /** Proportional set size of all, where the owner cannot read it himself; some seconds old. */
  memoryBytes: z.number().optional(),
});
export type StackState = z.infer<typeof StackState>;

/** What the stack of this home says of itself; undefined unless it runs. */
export function readState(home: string): StackState | undefined {
  const state = readRecord(placesOf(home));
  return state && isAlive(state) ? state : undefined;
}

/**
 * What the stack that runs, or ran last, said of itself. Believed for the permissions of the run
 * folder: who can write there can have processes of the caller killed.
 */
export function readRecord({ stateFile }: Places): StackState | undefined {
  try {
    return StackState.safeParse(JSON.parse(readFileSync(stateFile, 'utf8'))).data;
  } catch (error) {
    // Absent, or cut by a crash of the machine: either way nothing of it runs.
    if (isRefusal(error, 'ENOENT', 'EACCES', 'ENOTDIR') || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** The processes of the services, as far as they run. */
export function processesOf({ services }: StackState): { pid: number; startTime: string }[] {
  return Object.values(services).flatMap(({ pid, startTime }) =>
    pid !== undefined && startTime !== undefined ? [{ pid, startTime }] : [],
  );
}

/** Memory of the services and of what keeps them running, in bytes: the sum of their PSS. */
export function memoryOf(state: StackState): number | undefined {
  const pids = [state, ...processesOf(state)].map(({ pid }) => pid);
  return memoryOfProcesses(pids) ?? state.memoryBytes;
}

/** Packets that left this machine since the stack started, and whose they are. */
export function packetsOut({ egressTable, packetsBefore }: StackState): Egress {
  return egressOf(egressTable, packetsBefore);
}
