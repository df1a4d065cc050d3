import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootClock } from '../supervisor/halt.ts';
import type { Order, Report } from '../supervisor/order.ts';
import type { Driver, Ended, Lease, Run } from './driver.ts';
import { type Place, sandboxCommand, sandboxOptions } from './options.ts';
import { WarmSupervisor } from './warm-supervisor.ts';

export interface BubblewrapOptions extends Place {
  /** Folder of the driver's own. */
  readonly scratch: string;
  /** Host path of the supervisor's built file. */
  readonly supervisor: string;
  readonly killFile: string;
  readonly limiter: Driver['limiter'];
  /** Folders of control groups for the runs; none means limits on each process, and sampling. */
  readonly cgroups: readonly string[];
}

const BUBBLEWRAP = '/usr/bin/bwrap';

/** Sandboxes of Linux name spaces, each made by bubblewrap under a supervisor of its own. */
export class Bubblewrap implements Driver, AsyncDisposable {
  readonly name = 'bubblewrap';
  readonly limiter: Driver['limiter'];
  readonly #options: BubblewrapOptions;
  readonly #running = new Set<WarmSupervisor>();
  #next: WarmSupervisor;
  #missing: string | undefined;

  constructor(options: BubblewrapOptions) {
    this.limiter = options.limiter;
    this.#options = options;
    this.#next = this.#warm();
  }

  get missing(): string | undefined {
    return this.#missing;
  }

  async start(run: Run, lease: Lease): Promise<Ended> {
    const { report, output } = await this.#guard(run, sandboxCommand(run), lease);
    const { bytes: _, complaint: __, ...ended } = report;
    return { ...ended, output };
  }

  /** Makes one sandbox in which nothing happens. While the kill file lies there it finds nothing out. */
  async probe(): Promise<void> {
    const { scratch, node, limiter } = this.#options;
    const workspace = join(scratch, 'probe');
    mkdirSync(workspace, { recursive: true });
    const { boot, seconds } = bootClock();
    const run: Run = {
      program: node,
      request: '',
      workspace,
      profile: { name: 'probe', driver: this.name, limiter, limits: PROBE, network: 'none' },
      ...NOTHING,
    };
    const lease: Lease = {
      until: { boot, seconds: seconds + PROBE.wallSeconds },
      onRenewal: () => ({ [Symbol.dispose]: () => undefined }),
    };
    const command = sandboxCommand(run).slice(0, -2);
    const { report } = await this.#guard(run, [...command, '/usr/bin/true'], lease);
    const stood = report.reason === 'no-reply' || report.status === 'killed';
    this.#missing = stood ? undefined : whyNot(report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const supervisors = [...this.#running, this.#next];
    await Promise.all(supervisors.map((supervisor) => supervisor[Symbol.asyncDispose]()));
  }

  async #guard(run: Run, command: string[], lease: Lease) {
    const { killFile, cgroups } = this.#options;
    const order: Order = {
      sandbox: BUBBLEWRAP,
      options: sandboxOptions(run, this.#options),
      command,
      request: run.request,
      limits: run.profile.limits,
      ...(run.writable && { writable: run.workspace }),
      cgroups,
      killFile,
      ...(lease.until && { until: lease.until }),
    };
    const supervisor = this.#next.alive ? this.#next : this.#warm();
    this.#running.add(supervisor);
    this.#next = this.#warm();
    try {
      return await supervisor.guard(order, lease);
    } finally {
      this.#running.delete(supervisor);
    }
  }

  #warm(): WarmSupervisor {
    return new WarmSupervisor(this.#options.node, this.#options.supervisor);
  }
}

const NOTHING = { writable: false, mounts: [], operands: [], environment: {} };
const MEMORY = 128 * 1024 ** 2;
const PROBE = {
  cpuSeconds: 5,
  memoryBytes: MEMORY,
  processes: 16,
  outputBytes: 4096,
  wallSeconds: 10,
};

function whyNot({ complaint, reason }: Report): string {
  const [line = ''] = complaint.split('\n');
  return line === '' ? `a first sandbox failed (${reason})` : line;
}
