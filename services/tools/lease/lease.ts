import { setTimeout as sleep } from 'node:timers/promises';
import type { BootTime } from '@physiclaw/contracts';
import { bootClock, type Logger } from '@physiclaw/platform';
import { haltReason, type Lease } from '@physiclaw/sandbox';

export interface LeaseOptions {
  /** The stream of `policy.lease`, opened anew each time it ends. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<{ killed: boolean; seconds: number }>;
  readonly killFile: string;
  readonly log: Logger;
}

/** No renewal lasts longer, whatever `policy` says: a broken one must not lift the dead man's switch. */
const LONGEST_SECONDS = 2;
const PAUSE_MS = 200;

/** Leave to act, which lives as long as `policy` renews it. */
export class FollowedLease implements Lease, AsyncDisposable {
  readonly #options: LeaseOptions;
  readonly #listeners = new Set<(until: BootTime) => void>();
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  #until: BootTime | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#following = this.#follow();
  }

  get until(): BootTime | undefined {
    return this.#until;
  }

  /** Why nothing may start now, if so: by the same check by which each run's supervisor ends it. */
  get halt(): ReturnType<typeof haltReason> {
    return haltReason(this.#options.killFile, this.#until);
  }

  onRenewal(listener: (until: BootTime) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.#until = undefined;
  }

  async #follow(): Promise<void> {
    const { follow, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const { killed, seconds } of follow(signal)) {
          this.#renew(killed ? 0 : Math.min(seconds, LONGEST_SECONDS));
        }
      } catch (err) {
        if (!signal.aborted) log.debug({ err }, 'the lease is not renewed');
      }
      // An end of the stream is no reason to give up: without a lease nothing ever acts again. Only
      // the stop cuts the pause short, and the loop looks at it.
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #renew(forSeconds: number): void {
    const { boot, seconds } = bootClock();
    this.#until = { boot, seconds: seconds + forSeconds };
    for (const listener of this.#listeners) listener(this.#until);
  }
}
