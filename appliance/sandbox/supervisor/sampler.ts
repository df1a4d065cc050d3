import type { Limits } from '@physiclaw/contracts';
import type { Meter, Usage } from './meter.ts';
import { isAlive, reapedMs, sampleSandbox } from './processes.ts';

/** As long as building a sandbox may take; a run that cannot be watched after it must not go on. */
const PATIENCE_MS = 2_000;

/**
 * Counts a run's processes by looking, where no control group can be had. What lives and dies
 * between two looks is seen in its parent's CPU time only; memory that processes share counts once
 * for each. In between, the kernel's limits on each process hold (`sandbox/arguments.ts`).
 */
export class Sampler implements Meter {
  readonly #limits: Limits;
  readonly #before = reapedMs();
  #init = 0;
  #deadline = Infinity;
  #peak: Usage = { cpuMs: 0, memoryBytes: 0 };

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  admit(init: number): void {
    this.#init = init;
    this.#deadline = performance.now() + PATIENCE_MS;
  }

  usage(): Usage {
    return { ...this.#peak, cpuMs: Math.max(this.#peak.cpuMs, reapedMs() - this.#before) };
  }

  reached(): 'memory' | 'processes' | 'unwatched' | undefined {
    const sample = sampleSandbox(this.#init, this.#limits.processes);
    if (sample === undefined) {
      const late = performance.now() > this.#deadline;
      return late && !this.released() ? 'unwatched' : undefined;
    }
    this.#deadline = Infinity;
    this.#peak = {
      cpuMs: Math.max(this.#peak.cpuMs, sample.cpuMs),
      memoryBytes: Math.max(this.#peak.memoryBytes, sample.memoryBytes),
    };
    if (sample.memoryBytes >= this.#limits.memoryBytes) return 'memory';
    return sample.tasks >= this.#limits.processes ? 'processes' : undefined;
  }

  released(): boolean {
    return this.#init === 0 || !isAlive(this.#init);
  }
}
