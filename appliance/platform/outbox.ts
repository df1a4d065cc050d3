import { audit } from '@physiclaw/contracts';
import type { z } from 'zod';
import { codeOf } from './error.ts';
import { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import { retrying } from './retrying.ts';

const Told = audit.calls.append.request;
/** What the log is told: an event, and the keys that it uses up. */
export type Told = z.output<typeof Told>;

export interface OutboxOptions {
  /** Where the journal lies: a file of the service's own. */
  readonly path: string;
  /** Resolves once the log has it; rejects when it gave no receipt. */
  readonly tell: (told: Told, patienceMs?: number) => Promise<unknown>;
  /** Called whenever nothing is owed any more, and again after a pause where it rejects. */
  readonly onSettled: () => unknown;
  /** Aborted when the service stops; `tell` goes by it too. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * What the log is told by who must not wait for it: at once, or else later and in order, from a
 * journal that outlives the process.
 */
export class Outbox implements AsyncDisposable {
  readonly #options: OutboxOptions;
  readonly #journal: Journal<typeof Told>;
  #round = new AbortController();
  #delivery: Promise<void> = Promise.resolve();

  /** @throws ApplianceError JOURNAL_DAMAGED when what is owed cannot be read. */
  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#journal = new Journal(options.path, Told);
  }

  /** How many entries the log is still owed. */
  get owed(): number {
    return this.#journal.size;
  }

  /** Ends when nothing is owed, and earlier where delivery begins anew or the service stops. */
  get delivery(): Promise<void> {
    return this.#delivery;
  }

  /** Whether the log has it now. While others are owed it is not tried: those go first. */
  async tell(told: Told, patienceMs?: number): Promise<boolean> {
    try {
      if (this.owed > 0) throw new Error('others wait already');
      await this.#options.tell(told, patienceMs);
      return true;
    } catch (err) {
      this.#options.log.warn({ err, kind: told.event.kind }, 'journaled');
      return false;
    }
  }

  /**
   * Returns once it is on the disk, to be the log's next.
   *
   * @throws ApplianceError DISK_FULL when there is no room; it is not owed then.
   */
  owe(told: Told): void {
    this.#journal.append(told);
    this.deliver();
  }

  /**
   * Resolves when nothing is owed; rejects with why the oldest could not be told. What the log was
   * told before, by an earlier try or an earlier start, is owed no more.
   */
  async drain(): Promise<void> {
    const { signal, tell } = this.#options;
    await this.#journal.drain(async (told) => {
      signal.throwIfAborted();
      try {
        await tell(told);
      } catch (error) {
        if (!isUsed(error)) throw error;
      }
    });
  }

  /**
   * Goes on until nothing is owed. Begins anew with short pauses: a new debt is most often that of
   * a log that has just started.
   */
  deliver(): void {
    const { onSettled, log } = this.#options;
    this.#round.abort();
    this.#round = new AbortController();
    const signal = AbortSignal.any([this.#round.signal, this.#options.signal]);
    const settle = async () => {
      await this.drain();
      signal.throwIfAborted();
      await onSettled();
    };
    // It ends early by the signal only: the journal keeps what is owed.
    this.#delivery = retrying('audit', settle, { signal, log }).catch(() => undefined);
  }

  /** Ends what is under way and closes the journal. The caller aborts the signal before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#delivery, this.drain()]);
    this.#journal[Symbol.dispose]();
  }
}

/** Whether the log refused an event because one of its keys was used before. */
export function isUsed(error: unknown): boolean {
  return codeOf(error) === 'AUDIT_ALREADY_USED';
}
