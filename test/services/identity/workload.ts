import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startTimeOf } from '@physiclaw/platform';
import { onTestFinished } from 'vitest';
import type { Child } from '#services/identity/child/children.ts';

// Connects when it is told where, and prints what it hears.
const PROGRAM = `process.stdin.once('data', (path) => {
  const socket = require('node:net').connect(String(path).trim());
  socket.pipe(process.stdout);
  socket.on('error', () => undefined).on('close', () => process.exit());
});`;

// Connects, and leaves the connection to a process that outlives it and prints what comes.
const BEQUEATHING = `process.stdin.once('data', (path) => {
  const socket = require('node:net').connect(String(path).trim(), () => {
    const program = "console.log('true'); process.stdin.pipe(process.stdout)";
    require('node:child_process').spawn(process.execPath, ['-e', program], {
      stdio: [socket, 'inherit', 'inherit'],
    });
  });
});`;

/** A process of its own, which the kernel knows by its own pid; it ends with the test. */
export class Workload {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;

  constructor(program = PROGRAM) {
    this.#process = spawn(process.execPath, ['-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exit = once(this.#process, 'exit');
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
    onTestFinished(() => void this.#process.kill('SIGKILL'));
  }

  /** One that leaves its connection to an heir, who says so first. */
  static bequeathing(): Workload {
    return new Workload(BEQUEATHING);
  }

  /** How the table of children names it. */
  as(service: string): Child {
    const pid = this.#process.pid!;
    return { service, pid, startTime: startTimeOf(pid)! };
  }

  connect(path: string): this {
    this.#process.stdin!.write(`${path}\n`);
    return this;
  }

  /** The next line that it hears, or that there will be none. */
  async hear(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    return done === true ? 'the end' : JSON.parse(value);
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exit;
  }
}

/** The process of the test itself, as a service. */
export function selfAs(service: string): Child {
  return { service, pid: process.pid, startTime: startTimeOf(process.pid)! };
}
