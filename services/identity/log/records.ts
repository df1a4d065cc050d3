import { join } from 'node:path';
import { LogEvent } from '@physiclaw/contracts';
import { ApplianceError, Journal, type Logger, retrying } from '@physiclaw/platform';
import { z } from 'zod';
import { IdentityError } from '../errors.ts';
import { fillReserve, releaseReserve } from './reserve.ts';

const Owed = z.strictObject({ event: LogEvent, once: z.array(z.string()) });
type Owed = z.infer<typeof Owed>;
type SvidEvent = Extract<LogEvent, { kind: 'svid' }>;

export interface RecordsOptions {
  /** Resolves once the log has it; rejects when it gave no receipt. */
  tell(owed: Owed, signal: AbortSignal): Promise<unknown>;
  /** The folder of the journal: this service's own. */
  readonly state: string;
  readonly log: Logger;
}

/** What the log is told: at once, or where that must not be waited for, later and in order. */
export class Records implements AsyncDisposable {
  readonly #options: RecordsOptions;
  readonly #journal: Journal<typeof Owed>;
  readonly #reserve: string;
  readonly #stop = new AbortController();
  #round = new AbortController();
  #settling: Promise<void> = Promise.resolve();

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#reserve = join(options.state, 'journal.reserve');
    this.#journal = new Journal(join(options.state, 'journal'), Owed);
    this.#refill();
    this.#settle();
  }

  /** How many entries the log is still owed. */
  get owed(): number {
    return this.#journal.size;
  }

  /** Resolves once nothing is owed. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#journal.size > 0) {
      signal.throwIfAborted();
      await Promise.race([this.#settling, aborted(signal)]);
    }
  }

  /**
   * Resolves once the log has the event.
   *
   * @throws ApplianceError when it gave no receipt: what was to be recorded must not happen.
   */
  async append(event: LogEvent): Promise<void> {
    await this.#tell({ event, once: [] });
  }

  /**
   * Resolves once the event is on some disk: in the log, or in the journal, whose records become
   * the next entries of the log.
   *
   * @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE
   */
  async appendOrOwe(event: SvidEvent): Promise<void> {
    const journaled = new Date().toISOString();
    // What is owed goes first, and nobody waits for that here.
    if (this.owed > 0) return this.owe({ ...event, journaled });
    try {
      await this.append(event);
    } catch (err) {
      this.#options.log.warn({ err }, 'the log is owed an entry');
      this.owe({ ...event, journaled });
    }
  }

  /** @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE */
  owe(event: LogEvent, once: readonly string[] = []): void {
    const record = { event, once: [...once] };
    try {
      this.#journal.append(record);
    } catch {
      // The second failure is the one to tell: it came with all room that there is.
      this.#oweFromReserve(record);
    }
    this.#settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('identity stops'));
    await this.#settling;
    this.#journal[Symbol.dispose]();
  }

  #oweFromReserve(record: Owed): void {
    try {
      releaseReserve(this.#reserve);
      this.#journal.append(record);
    } catch (cause) {
      const message = 'expected room on the disk for one record, found none; make some';
      throw new IdentityError('IDENTITY_JOURNAL_UNWRITABLE', message, { cause });
    }
  }

  /** Begins anew with short pauses: a new debt is most often that of a log that has just started. */
  #settle(): void {
    this.#round.abort();
    this.#round = new AbortController();
    const signal = AbortSignal.any([this.#round.signal, this.#stop.signal]);
    const { log } = this.#options;
    const drain = () => this.#journal.drain((owed) => this.#tell(owed));
    this.#settling = retrying('audit', drain, { signal, log }).then(
      () => this.#refill(),
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  async #tell(owed: Owed): Promise<void> {
    try {
      await this.#options.tell(owed, this.#stop.signal);
    } catch (error) {
      // Told before, by an earlier start or by a try whose answer was lost.
      if (error instanceof ApplianceError && error.code === 'AUDIT_ALREADY_USED') return;
      throw error;
    }
  }

  #refill(): void {
    try {
      fillReserve(this.#reserve);
    } catch (err) {
      this.#options.log.warn({ err }, 'no room for the reserve of the journal');
    }
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
