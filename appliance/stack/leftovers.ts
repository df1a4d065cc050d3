import { setTimeout as sleep } from 'node:timers/promises';
import { removeCgroups } from './cgroup.ts';
import { unmountAll } from './isolation.ts';
import type { Places } from './places.ts';
import { isAlive, type ProcessName, signal } from './process-table.ts';
import { removeRun } from './run-folder.ts';
import { processesOf, readRecord } from './state.ts';
import { ownUid } from './users.ts';

const PATIENCE_MS = 5000;
const PACE_MS = 10;

/** Ends what a stack that was killed has left running, and removes what it left lying about. */
export async function removeLeftovers(places: Places): Promise<void> {
  const record = readRecord(places);
  const processes = record ? processesOf(record) : [];
  for (const name of processes) signal(name, 'SIGKILL');
  await allEnded(processes, PATIENCE_MS);
  await removeCgroups(record?.cgroupFolders ?? []);
  if (ownUid() === 0) await unmountAll(places);
  removeRun(places);
}

/** Whether all of them ended in time. */
export async function allEnded(
  processes: readonly ProcessName[],
  patienceMs: number,
): Promise<boolean> {
  const until = Date.now() + patienceMs;
  while (processes.some(isAlive)) {
    if (Date.now() > until) return false;
    await sleep(PACE_MS);
  }
  return true;
}
