import { audit, type LogEvent } from '@physiclaw/contracts';
import type { AskedLog, Logger } from '@physiclaw/platform';

type Refusal = Extract<LogEvent, { kind: 'refusal' }>;

/** A no: alike ones, of one check in one session, are counted together. */
export type Refused = Omit<Refusal, 'kind' | 'count'>;

const EVERY_MS = 10_000;
const KINDS_KEPT = 1000;
const PATIENCE_MS = 1000;

/**
 * Records every no: the first of a kind at once, then at most one entry in ten seconds that says how
 * many. Nobody waits for it, so neither a flood nor a full log holds up a no.
 */
export class Refusals implements AsyncDisposable {
  readonly #log: AskedLog;
  readonly #logger: Logger;
  /** Of each kind what the log was not told of yet. */
  readonly #kinds = new Map<string, Refusal>();
  readonly #timer: NodeJS.Timeout;
  /** How many since the start. */
  total = 0;

  constructor(log: AskedLog, logger: Logger, everyMs = EVERY_MS) {
    this.#log = log;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#flush(), everyMs).unref();
  }

  count(refused: Refused): void {
    this.total += 1;
    const kept = this.#kinds.size < KINDS_KEPT ? refused : { check: refused.check };
    const key = `${kept.check} ${kept.session ?? ''}`;
    const waiting = this.#kinds.get(key);
    if (waiting === undefined) void this.#tell(key, { kind: 'refusal', ...kept, count: 1 });
    else waiting.count += 1;
  }

  /** Resolves once the log was told of those that were counted since the last time. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const told = Array.from(this.#kinds, async ([key, waiting]) => {
      if (waiting.count === 0) this.#kinds.delete(key);
      else await this.#tell(key, waiting);
    });
    await Promise.all(told);
  }

  async #tell(key: string, event: Refusal): Promise<void> {
    // Of several, one intent would say too little.
    const further = { ...event, intent: undefined };
    this.#kinds.set(key, { ...further, count: 0 });
    const options = { patienceMs: PATIENCE_MS };
    await this.#log.ask(audit.calls.append, { event }, options).catch((err: unknown) => {
      this.#logger.debug({ err, check: event.check }, 'a refusal waits for the log');
      const waiting = this.#kinds.get(key)?.count ?? 0;
      this.#kinds.set(key, { ...further, count: waiting + event.count });
    });
  }
}
