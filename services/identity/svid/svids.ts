import { setTimeout as sleep } from 'node:timers/promises';
import { SpiffeId, type SvidUpdate } from '@physiclaw/contracts';
import { type Logger, retrying, spiffeIdOf } from '@physiclaw/platform';
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
  readonly #current = new Map<string, SvidUpdate>();
  #step = new AbortController();
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
        while (this.#valid(child) === update) await this.#pause(update, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Replaces every SVID at once: what was issued by a clock that was wrong may not be valid. */
  reissue(): void {
    this.#current.clear();
    this.#step.abort();
    this.#step = new AbortController();
  }

  /** The SVID of this process while it is not due for renewal. */
  #valid(child: Child): SvidUpdate | undefined {
    const update = this.#current.get(nameOf(child));
    return update && Date.now() < Date.parse(update.renewAt) ? update : undefined;
  }

  async #pause({ renewAt }: SvidUpdate, signal: AbortSignal): Promise<void> {
    const left = Math.max(0, Date.parse(renewAt) - Date.now());
    const woken = AbortSignal.any([signal, this.#step.signal]);
    await sleep(Math.min(left, LONGEST_PAUSE_MS), undefined, { signal: woken }).catch(() => {
      // A step of the clock ends the pause only; the stream's own end ends the stream.
      signal.throwIfAborted();
    });
  }

  async #issue(child: Child, signal: AbortSignal): Promise<SvidUpdate> {
    const { authority, records, holders, trustDomain, svidSeconds } = this.#options;
    const mayOwe = FIRST.includes(child.service) || holders.holds(child);
    if (!mayOwe) await records.settled(signal);
    const step = this.#step.signal;
    const workload = SpiffeId.parse(spiffeIdOf(trustDomain, child.service));
    const { update, serial } = await authority.issue(workload, svidSeconds);
    const event = { kind: 'svid', workload, serial, notAfter: update.notAfter } as const;
    await (mayOwe ? records.appendOrOwe(event) : records.append(event));
    this.issued += 1;
    await holders.remember(child, (Date.parse(update.notAfter) - Date.now()) / 1000);
    for (const [name, { notAfter }] of this.#current) {
      if (Date.now() >= Date.parse(notAfter)) this.#current.delete(name);
    }
    if (!step.aborted) this.#current.set(nameOf(child), update);
    return update;
  }
}
