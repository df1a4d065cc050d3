import { GatewayError } from '../errors.ts';

const BURST = 60;
const PER_SECOND = 20;
/** Past this many names the fullest buckets are forgotten: they refuse nobody. */
const MOST = 4096;

/** A token bucket per principal, so that one cannot keep the others out. */
export class Rate {
  readonly #buckets = new Map<string, { level: number; at: number }>();

  /** @throws GatewayError GATEWAY_TOO_MANY_REQUESTS */
  take(principal: string): void {
    const now = performance.now() / 1000;
    const { level, at } = this.#buckets.get(principal) ?? { level: BURST, at: now };
    const filled = Math.min(BURST, level + (now - at) * PER_SECOND);
    if (filled < 1) {
      throw new GatewayError(
        'GATEWAY_TOO_MANY_REQUESTS',
        `expected at most ${PER_SECOND} requests a second; wait a second`,
      );
    }
    if (this.#buckets.size >= MOST) this.#forget(now);
    this.#buckets.set(principal, { level: filled - 1, at: now });
  }

  #forget(now: number): void {
    for (const [name, { level, at }] of this.#buckets) {
      if (level + (now - at) * PER_SECOND >= BURST) this.#buckets.delete(name);
    }
  }
}
