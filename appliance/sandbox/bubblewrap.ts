import { bootClock } from './supervisor/halt.ts';
import type { Order, Report } from './supervisor/order.ts';
import type { Driver, Ended, Lease, Run } from './driver.ts';
import { type Place, sandboxCommand, sandboxOptions } from './options.ts';
import { WarmSupervisor } from './warm-supervisor.ts';

export interface BubblewrapOptions extends Place {
  /** Folder of the driver's own. */
  readonly scratch: string;
  /** Host path of the supervisor's built file. */
  readonly supervisor: string;
  readonly killFile: string;
}

/** Sandboxes of Linux name spaces, each made by bubblewrap under a supervisor of its own. */
export class Bubblewrap implements Driver, AsyncDisposable {
  readonly name = 'bubblewrap';
  readonly limiter: Driver['limiter'];
  missing: string | undefined;
  readonly #options: BubblewrapOptions;
  readonly #cgroups: readonly string[];
  readonly #running = new Set<WarmSupervisor>();
  #next: WarmSupervisor;

  /** Without folders for control groups: limits on each process, and sampling. */
  constructor(options: BubblewrapOptions, limiter: Driver['limiter'], cgroups: readonly string[]) {
    this.limiter = limiter;
    this.#options = options;
    this.#cgroups = cgroups;
    this.#next = this.#warm();
  }

  async start(run: Run, lease: Lease): Promise<Ended> {
    const { report, output } = await this.#guard(run, sandboxCommand(run), lease);
    const { bytes: _, complaint: __, ...ended } = report;
    return { ...ended, output };
  }

  /** Makes one sandbox in which nothing happens. While the kill file lies there it finds nothing out. */
  async probe(): Promise<void> {
    const { boot, seconds } = bootClock();
    const { report } = await this.#guard(
      {
        program: this.#options.node,
        request: '',
        workspace: this.#options.scratch,
        writable: false,
        mounts: [],
        operands: [],
        environment: {},
        profile: { ...PROBE, driver: this.name, limiter: this.limiter },
      },
      ['/usr/bin/prlimit', '--core=0', '/usr/bin/true'],
      {
        until: { boot, seconds: seconds + PROBE.limits.wallSeconds },
        onRenewal: () => ({ [Symbol.dispose]: () => undefined }),
      },
    );
    const stood = report.reason === 'no-reply' || report.status === 'killed';
    this.missing = stood ? undefined : whyNot(report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const supervisors = [...this.#running, this.#next];
    await Promise.all(supervisors.map((supervisor) => supervisor[Symbol.asyncDispose]()));
  }

  async #guard(run: Run, command: string[], lease: Lease) {
    const order: Order = {
      options: sandboxOptions(run, this.#options),
      command,
      request: run.request,
      limits: run.profile.limits,
      ...(run.writable && { writable: run.workspace }),
      cgroups: this.#cgroups,
      killFile: this.#options.killFile,
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

const MEMORY = 128 * 1024 ** 2;
const PROBE = {
  name: 'probe',
  network: 'none' as const,
  limits: { cpuSeconds: 5, memoryBytes: MEMORY, processes: 9, outputBytes: 999, wallSeconds: 60 },
};

function whyNot({ complaint, reason }: Report): string {
  const [line = ''] = complaint.split('\n');
  return line === '' ? `a first sandbox failed (${reason})` : line;
}
