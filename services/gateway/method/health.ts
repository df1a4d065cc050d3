import type { methods } from '@physiclaw/contracts';
import type { z } from 'zod';

export type Status = Omit<z.input<(typeof methods)['status']['reply']>, 'isolation'>;

export interface Health {
  /** Whether every service answers, and acts can be confined here. */
  readonly ok: boolean;
  readonly durationMs: number;
}

const FRESH_MS = 1000;

/** How the machine does. One look serves all who ask within a second: asking costs no service more. */
export class HealthWatch {
  readonly #status: () => Promise<Pick<Status, 'silent' | 'tools'>>;
  readonly #freshMs: number;
  #looking: Promise<Health> | undefined;

  constructor(status: () => Promise<Pick<Status, 'silent' | 'tools'>>, freshMs = FRESH_MS) {
    this.#status = status;
    this.#freshMs = freshMs;
  }

  look(): Promise<Health> {
    this.#looking ??= this.#look().finally(() => {
      setTimeout(() => (this.#looking = undefined), this.#freshMs).unref();
    });
    return this.#looking;
  }

  async #look(): Promise<Health> {
    const began = performance.now();
    const { silent, tools } = await this.#status();
    const ok = Object.keys(silent).length === 0 && tools?.missing === undefined;
    return { ok, durationMs: Math.round(performance.now() - began) };
  }
}
