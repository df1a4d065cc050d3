import type { SpiffeId } from '@physiclaw/contracts';

/** A workload's own certificate and key, and the authorities whose peers it believes; all PEM. */
export interface Svid {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A workload's SVID, which is renewed while it is used. */
export interface SvidSource {
  /** The latest one, at once where there is one; otherwise resolves with the first. */
  current(): Svid | Promise<Svid>;
  /** Calls back at each renewal, until disposed. */
  onChange(listener: (svid: Svid) => void): Disposable;
}

/** Holds the latest SVID for whoever was given this source. */
export class SvidHolder implements SvidSource {
  readonly #listeners = new Set<(svid: Svid) => void>();
  readonly #first = Promise.withResolvers<Svid>();
  #latest: Svid | undefined;

  constructor() {
    // Whoever waits for the first one hears of its absence; nobody has to.
    this.#first.promise.catch(() => undefined);
  }

  current(): Svid | Promise<Svid> {
    return this.#latest ?? this.#first.promise;
  }

  onChange(listener: (svid: Svid) => void): Disposable {
    const own = (svid: Svid) => listener(svid);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => this.#listeners.delete(own) };
  }

  hold(svid: Svid): void {
    this.#latest = svid;
    this.#first.resolve(svid);
    for (const listener of this.#listeners) listener(svid);
  }

  /** Ends the wait for a first SVID that will not come. */
  abandon(reason: Error): void {
    this.#first.reject(reason);
  }
}

/** A source whose SVID never changes. */
export function fixedSvid(svid: Svid): SvidSource {
  const holder = new SvidHolder();
  holder.hold(svid);
  return holder;
}

/** The SPIFFE ID of a service; the whole of it, so that no longer path can pass for it. */
export function spiffeIdOf(trustDomain: string, service: string): string {
  return `spiffe://${trustDomain}/${service}`;
}

/** `spiffe://domain/audit` → `audit`: the name under which contracts list callers. */
export function serviceOf(id: SpiffeId): string {
  return new URL(id).pathname.slice(1);
}
