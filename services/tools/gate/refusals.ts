import { audit } from '@physiclaw/contracts';
import type { Logger } from '@physiclaw/platform';
import type { Log } from './history.ts';

/** A no: alike ones, of one check in one session, are counted together. */
export interface Refusal {
  /** Only of a session that exists: who makes names up gets one count for all of them. */
  session?: string | undefined;
  check: string;
  intent?: string | undefined;
}

const EVERY_MS = 10_000;
const KINDS_KEPT = 1000;
const PATIENCE_MS = 1000;

/**
 * Records every no: the first of a kind at once, then at most one entry in ten seconds that says how
 * many. Nobody waits for it, so neither a flood nor a full log holds up a no.
 */
export class Refusals implements AsyncDisposable {
  readonly #log: Log;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, { refusal: Refusal; count: number }>();
  readonly #timer: NodeJS.Timeout;
  /** How many since the start. */
  total = 0;

  constructor(log: Log, logger: Logger, everyMs = EVERY_MS) {
    this.#log = log;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#flush(), everyMs).unref();
  }

  count(refused: Refusal): void {
    this.total += 1;
    const refusal = this.#kinds.size < KINDS_KEPT ? refused : { check: refused.check };
    const key = `${refusal.check} ${refusal.session ?? ''}`;
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.count += 1;
      return;
    }
    this.#kinds.set(key, { refusal, count: 0 });
    void this.#record(key, refusal, 1);
  }

  /** Resolves once the log was told of those that were counted since the last time. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const told = Array.from(this.#kinds, async ([key, kind]) => {
      const { refusal, count } = kind;
      kind.count = 0;
      if (count === 0) this.#kinds.delete(key);
      // Of several, one intent would say too little.
      else await this.#record(key, { ...refusal, intent: undefined }, count);
    });
    await Promise.all(told);
  }

  async #record(key: string, refusal: Refusal, count: number): Promise<void> {
    const event = { kind: 'refusal' as const, ...refusal, count };
    const options = { patienceMs: PATIENCE_MS };
    await this.#log.ask(audit.calls.append, { event }, options).catch((err: unknown) => {
      this.#logger.debug({ err, check: refusal.check }, 'a refusal waits for the log');
      const waiting = this.#kinds.get(key)?.count ?? 0;
      this.#kinds.set(key, { refusal, count: waiting + count });
    });
  }
}
