/** Wakes all who wait for something to change, or for their own time to run out. */
export class Bell {
  readonly #sleepers = new Set<() => void>();

  ring(): void {
    for (const wake of this.#sleepers) wake();
  }

  /** Resolves at the next ring, after `ms` at the latest, at once when `signal` is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    // A longer wait than a timer can take is cut; whoever waits looks again.
    const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
    this.#sleepers.add(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
    await promise;
    clearTimeout(timer);
    this.#sleepers.delete(wake);
    signal.removeEventListener('abort', wake);
  }
}
