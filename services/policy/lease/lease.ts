import type { Bell } from '@physiclaw/platform';
import type { KillSwitch } from '../kill/switch.ts';

const RENEWAL_MS = 1000;
const LEASE_SECONDS = 2;

/** Lets the gate act for two seconds, each second anew, until a kill. */
export class Lease {
  readonly #killSwitch: KillSwitch;
  readonly #bell: Bell;
  #gate: { readonly epoch: string } | undefined;

  constructor(killSwitch: KillSwitch, bell: Bell) {
    this.#killSwitch = killSwitch;
    this.#bell = bell;
  }

  /** The run of the gate that capabilities are made for: the latest one that asked. */
  get epoch(): string | undefined {
    return this.#gate?.epoch;
  }

  /** Renews until the gate goes away or a later one comes. */
  async *renew(
    gate: { readonly epoch: string },
    signal: AbortSignal,
  ): AsyncGenerator<{ killed: boolean; seconds: number }> {
    this.#gate = gate;
    try {
      while (this.#gate === gate && !signal.aborted) {
        yield { killed: this.#killSwitch.look() !== undefined, seconds: LEASE_SECONDS };
        await this.#bell.wait(RENEWAL_MS, signal);
      }
    } finally {
      if (this.#gate === gate) this.#gate = undefined;
    }
  }
}
