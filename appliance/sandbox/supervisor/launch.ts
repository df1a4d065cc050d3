import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { seccompFilter } from '../seccomp/filter.ts';
import type { Order } from './order.ts';

const BUBBLEWRAP = '/usr/bin/bwrap';
const BOUND_MS = 2;
const COMPLAINT_BYTES = 400;
const GRACE_MS = 500;
const NICENESS = 10;

/** What the launcher of a sandbox must hear of. */
export interface Witness {
  /** The sandbox's first process, which waits for this to return before anything runs in it. */
  admit(init: number): void;
  /** More was written to standard output or error than the limits allow. */
  overflow(): void;
  /** `admit` threw: nothing will run. */
  refuse(error: unknown): void;
}

export interface Launched {
  /** Once every process of the sandbox let go of its output; `exit` only if the sandbox stood. */
  readonly over: Promise<{ exit: number | undefined }>;
  /** What it wrote to standard output, up to the limit. */
  output(): Buffer;
  complaint(): string;
  kill(): void;
}

/** Starts bubblewrap; its options and the filter go through pipes, so that no process list shows them. */
export function launch(order: Order, witness: Witness): Launched {
  const child = spawnExpendable(order);
  const pipe = (descriptor: number) => child.stdio[descriptor];
  writeTo(pipe(3), order.options.map((option) => `${option}\0`).join(''));
  writeTo(pipe(4), seccompFilter());
  const { outputBytes } = order.limits;
  const output = collect(pipe(1), outputBytes, () => witness.overflow());
  const errors = collect(pipe(2), outputBytes, () => witness.overflow());
  const state: { init?: number; exit?: number } = {};
  createInterface({ input: readable(pipe(5)) }).on('line', (line) => {
    const told: Record<string, number> = JSON.parse(line);
    const { 'child-pid': init, 'exit-code': exit } = told;
    if (exit !== undefined) state.exit = exit;
    if (init === undefined) return;
    state.init = init;
    try {
      setPriority(init, NICENESS);
      witness.admit(init);
      writeTo(pipe(6), 'go');
    } catch (error) {
      witness.refuse(error);
    }
  });
  const bound = setInterval(() => {
    if (state.init === undefined || !isBound(state.init)) return;
    clearInterval(bound);
    writeTo(pipe(0), `${order.request}\n`);
  }, BOUND_MS);
  void once(child, 'close').then(() => clearInterval(bound));
  return {
    over: once(child, 'close').then(() => ({ exit: state.exit })),
    output: () => Buffer.concat(output),
    complaint: () => Buffer.concat(errors).toString('utf8', 0, COMPLAINT_BYTES),
    kill() {
      // With its first process a sandbox ends, and bubblewrap is there to wait for it; if not, it goes.
      if (state.init !== undefined) killProcess(state.init);
      setTimeout(() => child.kill('SIGKILL'), state.init === undefined ? 0 : GRACE_MS).unref();
    },
  };
}

/**
 * Whether the sandbox's program has begun, and with it the tie to our life: if we die earlier, the
 * sandbox may live on, but it was told nothing.
 */
function isBound(init: number): boolean {
  try {
    return readlinkSync(`/proc/${init}/exe`) !== BUBBLEWRAP;
  } catch {
    return false;
  }
}

/** Where memory runs out, the kernel is to take the run and not a daemon. */
function spawnExpendable({ command }: Order) {
  const score = '/proc/self/oom_score_adj';
  const own = readFileSync(score, 'utf8');
  writeFileSync(score, '1000');
  try {
    const descriptors = '--args 3 --seccomp 4 --json-status-fd 5 --block-fd 6 --'.split(' ');
    const stdio = Array<'pipe'>(7).fill('pipe');
    return spawn(BUBBLEWRAP, [...descriptors, ...command], { env: {}, cwd: '/', stdio });
  } finally {
    writeFileSync(score, own);
  }
}

type Pipe = Readable | Writable | null | undefined;

function readable(pipe: Pipe): Readable {
  if (pipe instanceof Readable) return pipe;
  throw new TypeError('expected a pipe');
}

function writeTo(pipe: Pipe, bytes: string | Buffer): void {
  if (!(pipe instanceof Writable)) throw new TypeError('expected a pipe');
  // A sandbox that ends before it has read everything is no error of ours.
  pipe.on('error', () => undefined).end(bytes);
}

function collect(pipe: Pipe, limit: number, overflow: () => void): Buffer[] {
  const kept: Buffer[] = [];
  let room = limit;
  readable(pipe).on('data', (bytes: Buffer) => {
    if (room > 0) kept.push(bytes.subarray(0, room));
    room -= bytes.length;
    if (room < 0) overflow();
  });
  return kept;
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in this very moment.
  }
}
