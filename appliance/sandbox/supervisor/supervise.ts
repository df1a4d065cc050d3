import { type StatsFs, statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BootTime } from '@physiclaw/contracts';
import { ControlGroup } from './control-group.ts';
import { haltReason } from './halt.ts';
import { type Launched, launch } from './launch.ts';
import type { Meter } from './meter.ts';
import { NOTHING, type Order, type Report } from './order.ts';
import { Sampler } from './sampler.ts';

const TICK_MS = 50;
/** A run may not take more of a disk than this, nor more than half of what was free. */
const GROWTH_BYTES = 1024 ** 3;
const GROWTH_FILES = 100_000;

type Ending = Pick<Report, 'status' | 'reason' | 'exit'>;
type Lease = { readonly until: BootTime | undefined };

/**
 * Runs one sandbox to its end and sees to it that the end comes: by itself, by a limit, by the kill
 * file, or with the lease. It reads the clock and the file itself, so it needs nobody to be alive.
 */
export async function supervise(
  order: Order,
  lease: Lease,
): Promise<{ report: Report; output: Buffer }> {
  const halt = haltReason(order.killFile, lease.until);
  if (halt !== undefined) {
    return { report: { ...NOTHING, status: 'killed', reason: halt }, output: Buffer.alloc(0) };
  }
  const began = performance.now();
  const meter = openMeter(order);
  let ending: Ending | undefined;
  const stop = (reached: Ending | undefined) => {
    if (reached === undefined || ending !== undefined) return;
    ending = reached;
    run.kill();
  };
  const run = launch(order, {
    admit: (init) => meter.admit(init),
    overflow: () => stop({ status: 'limit', reason: 'output' }),
    refuse: () => stop({ status: 'failed', reason: 'sandbox' }),
  });
  const reached = watchOf(order, lease, meter);
  const timer = setInterval(() => stop(reached()), TICK_MS);
  const { exit } = await run.over;
  clearInterval(timer);
  const cut = ending !== undefined;
  // What was reached between two looks counts too: out of memory is no failure of the program.
  ending ??= limitReached(order, meter) ?? endingOf(exit, run);
  const resources = { wallMs: Math.round(performance.now() - began), ...meter.usage() };
  while (!meter.released()) await sleep(TICK_MS / 10);
  const output = run.output();
  const bytes = output.length;
  const said = { bytes, truncated: cut, resources, complaint: run.complaint() };
  return { report: { ...ending, ...said }, output };
}

function openMeter({ cgroups, limits }: Order): Meter {
  if (cgroups.length === 0) return new Sampler(limits);
  const group = new ControlGroup(cgroups, `run-${process.pid}`);
  group.limit(limits);
  return group;
}

/** What is asked at each tick: whether the run must end now, and why. */
function watchOf(order: Order, lease: Lease, meter: Meter): () => Ending | undefined {
  const { killFile, limits, writable } = order;
  const deadline = performance.now() + limits.wallSeconds * 1e3;
  const before = writable === undefined ? undefined : statfsSync(writable);
  return () => {
    const halt = haltReason(killFile, lease.until);
    if (halt !== undefined) return { status: 'killed', reason: halt };
    if (performance.now() >= deadline) return { status: 'limit', reason: 'wall' };
    if (before && writable !== undefined && isTaken(before, statfsSync(writable))) {
      return { status: 'limit', reason: 'output' };
    }
    return limitReached(order, meter);
  };
}

function limitReached({ limits }: Order, meter: Meter): Ending | undefined {
  const reason = meter.reached();
  if (reason === 'unwatched') return { status: 'failed', reason: 'sandbox' };
  if (reason !== undefined) return { status: 'limit', reason };
  const over = meter.usage().cpuMs >= limits.cpuSeconds * 1e3;
  return over ? { status: 'limit', reason: 'cpu' } : undefined;
}

/** Whether a disk has lost more than one run may take. */
function isTaken(before: StatsFs, now: StatsFs): boolean {
  const bytes = Math.min(GROWTH_BYTES, (before.bavail * before.bsize) / 2);
  const files = Math.min(GROWTH_FILES, before.ffree / 2);
  return (before.bavail - now.bavail) * now.bsize > bytes || before.ffree - now.ffree > files;
}

/** The end of a run that nobody ended. bubblewrap reports a signal as 128 and its number. */
function endingOf(exit: number | undefined, run: Launched): Ending {
  if (exit === undefined) return { status: 'failed', reason: 'sandbox' };
  if (exit > 128) return { status: 'failed', reason: 'signal', exit };
  if (exit > 0) return { status: 'failed', reason: 'exit', exit };
  return run.output().length === 0
    ? { status: 'failed', reason: 'no-reply', exit }
    : { status: 'ok', exit };
}
