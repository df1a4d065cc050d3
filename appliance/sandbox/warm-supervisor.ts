import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { NOTHING, type Order, type Renewal, type Report } from './supervisor/order.ts';
import type { Lease } from './driver.ts';

/** How much longer than its run a supervisor may live; then it hangs, and its sandbox goes with it. */
const GRACE_SECONDS = 5;

const COMPLAINT = 'the supervisor ended without a word';
const LOST: Report = { ...NOTHING, status: 'failed', reason: 'supervisor', complaint: COMPLAINT };

/** A supervisor that was started ahead of its one run. */
export class WarmSupervisor implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #over: Promise<{ report: Report; output: Buffer }>;

  constructor(node: string, program: string) {
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
    this.#child = spawn(node, [program], { env: {}, cwd: '/', stdio });
    // One that could not be started, or is gone already, shows as one that ends without a report.
    this.#child.on('error', () => undefined);
    this.#child.stdin.on('error', () => undefined);
    this.#over = this.#listen();
  }

  /** Whether it still waits for an order. */
  get alive(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  async guard(order: Order, lease: Lease): Promise<{ report: Report; output: Buffer }> {
    this.#tell(order);
    const renewals = lease.onRenewal((until) => this.#tell({ until }));
    const limit = (order.limits.wallSeconds + GRACE_SECONDS) * 1e3;
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), limit);
    try {
      return await this.#over;
    } finally {
      clearTimeout(patience);
      renewals[Symbol.dispose]();
    }
  }

  /** Without its launcher a supervisor ends its run, and itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.destroy();
    await this.#over;
  }

  #tell(message: Order | Renewal): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  async #listen(): Promise<{ report: Report; output: Buffer }> {
    const [said] = await Promise.all([
      buffer(this.#child.stdout),
      this.#child.pid === undefined ? undefined : once(this.#child, 'exit'),
    ]);
    const end = said.indexOf('\n');
    if (end < 0) return { report: LOST, output: Buffer.alloc(0) };
    const report: Report = JSON.parse(said.toString('utf8', 0, end));
    const output = said.subarray(end + 1);
    return output.length === report.bytes ? { report, output } : { report: LOST, output };
  }
}
