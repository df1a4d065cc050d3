import { SpiffeId, type SvidUpdate } from '@physiclaw/contracts';
import { Bell, type Logger, retrying, spiffeIdOf } from '@physiclaw/platform';
import type { Authority } from '../authority/authority.ts';
import { type Child, nameOf } from '../child/children.ts';
import type { Holders } from '../child/holders.ts';
import type { Records } from '../log/records.ts';

export interface SvidsOptions {
  readonly authority: Authority;
  readonly records: Records;
  readonly holders: Holders;
  readonly trustDomain: string;
  readonly svidSeconds: number;
  readonly log: Logger;
}

// Timers stand still while the machine sleeps, and certificates do not.
const LONGEST_PAUSE_MS = 5000;
// Without these two there is no log that could be told first.
const FIRST = ['identity', 'audit'];

/** Issues SVIDs, each recorded before it is handed out, and renews them at half of their life. */
export class Svids {
  readonly #options: SvidsOptions;
  /** By process: a key pair is never given to a second one. */
  #current = new Map<string, SvidUpdate>();
  readonly #step = new Bell();
  /** How many were issued since the start. */
  issued = 0;

  constructor(options: SvidsOptions) {
    this.#options = options;
  }

  /**
   * The SVID of this process, and each that replaces it, until the signal. A process that asks
   * again within the first half gets the same one: asking often costs no entry.
   */
  async *follow(child: Child, signal: AbortSignal): AsyncGenerator<SvidUpdate, void> {
    const { log } = this.#options;
    try {
      for (;;) {
        const update =
          this.#valid(child) ??
          (await retrying(child.service, () => this.#issue(child, signal), { signal, log }));
        yield update;
        while (this.#valid(child) === update) {
          const left = Date.parse(update.renewAt) - Date.now();
          await this.#step.wait(Math.min(left, LONGEST_PAUSE_MS), signal);
          signal.throwIfAborted();
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Replaces every SVID at once: what was issued by a clock that was wrong may not be valid. */
  reissue(): void {
    // What is being issued comes into the map of before, and is not found again.
    this.#current = new Map();
    this.#step.ring();
  }

  /** The SVID of this process while it is not due for renewal. */
  #valid(child: Child): SvidUpdate | undefined {
    const update = this.#current.get(nameOf(child));
    return update && Date.now() < Date.parse(update.renewAt) ? update : undefined;
  }

  async #issue(child: Child, signal: AbortSignal): Promise<SvidUpdate> {
    const { authority, records, holders, trustDomain, svidSeconds } = this.#options;
    const mayOwe = FIRST.includes(child.service) || holders.holds(child);
    if (!mayOwe) await records.settled(signal);
    const current = this.#current;
    const workload = SpiffeId.parse(spiffeIdOf(trustDomain, child.service));
    const { update, serial } = await authority.issue(workload, svidSeconds);
    const event = { kind: 'svid', workload, serial, notAfter: update.notAfter } as const;
    await (mayOwe ? records.appendOrOwe(event) : records.append(event));
    this.issued += 1;
    await holders.remember(child, (Date.parse(update.notAfter) - Date.now()) / 1000);
    for (const [name, { notAfter }] of current) {
      if (Date.now() >= Date.parse(notAfter)) current.delete(name);
    }
    current.set(nameOf(child), update);
    return update;
  }
}
