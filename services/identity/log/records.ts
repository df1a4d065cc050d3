import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, type LogEvent } from '@physiclaw/contracts';
import { codeOf, Journal, type Logger, retrying } from '@physiclaw/platform';
import type { z } from 'zod';
import { IdentityError } from '../errors.ts';

const Entry = audit.calls.append.request;
type Entry = z.infer<typeof Entry>;
type SvidEvent = Extract<LogEvent, { kind: 'svid' }>;

// Room for a thousand records or so.
const RESERVE_BYTES = 262_144;

/** Resolves once the log has the entry; rejects when it gave no receipt. */
export type Tell = (entry: Entry, signal: AbortSignal) => Promise<unknown>;

/** What the log is told: at once, or where that must not be waited for, later and in order. */
export class Records implements AsyncDisposable {
  readonly #tell: Tell;
  readonly #log: Logger;
  readonly #journal: Journal<typeof Entry>;
  readonly #reserve: string;
  readonly #stop = new AbortController();
  #round = new AbortController();
  #settling: Promise<void> | undefined;

  /** `state` is the folder of the journal: this service's own. */
  constructor(state: string, tell: Tell, log: Logger) {
    this.#tell = tell;
    this.#log = log;
    this.#journal = new Journal(join(state, 'journal'), Entry);
    this.#reserve = join(state, 'journal.reserve');
    this.#settle();
  }

  /** How many entries the log is still owed. */
  get owed(): number {
    return this.#journal.size;
  }

  /** Resolves once nothing is owed. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.owed > 0) {
      signal.throwIfAborted();
      await Promise.race([this.#settling, once(signal, 'abort')]);
    }
  }

  /**
   * Resolves once the log has the event.
   *
   * @throws ApplianceError when it gave no receipt: what was to be recorded must not happen.
   */
  async append(event: LogEvent): Promise<void> {
    await this.#tell({ event, once: [] }, this.#stop.signal);
  }

  /**
   * Resolves once the event is on some disk: in the log, or in the journal, whose entries become
   * the next ones of the log.
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
      this.#log.warn({ err }, 'the log is owed an entry');
      this.owe({ ...event, journaled });
    }
  }

  /** @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE */
  owe(event: LogEvent, ...keys: string[]): void {
    const entry = { event, once: keys };
    try {
      this.#journal.append(entry);
    } catch {
      // The second failure is the one to tell: it came with all the room that there is.
      const message = 'expected room on the disk for one entry, found none; make some';
      const again = () => {
        truncateSync(this.#reserve);
        this.#journal.append(entry);
      };
      IdentityError.attempt('IDENTITY_JOURNAL_UNWRITABLE', again, message);
    }
    this.#settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('identity stops'));
    await this.#settling;
    this.#journal[Symbol.dispose]();
  }

  /** Begins anew with short pauses: a new debt is most often that of a log that has just started. */
  #settle(): void {
    this.#round.abort();
    this.#round = new AbortController();
    const signal = AbortSignal.any([this.#round.signal, this.#stop.signal]);
    const log = this.#log;
    const drain = () => this.#journal.drain((entry) => this.#settleOne(entry));
    this.#settling = retrying('audit', drain, { signal, log })
      .then(() => fillReserve(this.#reserve))
      .catch((err: unknown) => {
        // Ended by a newer round or by the end of the service; or the disk has no room to reserve.
        if (!signal.aborted) log.warn({ err }, 'no reserve for the journal');
      });
  }

  async #settleOne(entry: Entry): Promise<void> {
    try {
      await this.#tell(entry, this.#stop.signal);
    } catch (error) {
      // Then it was told before, by an earlier start.
      if (codeOf(error) !== 'AUDIT_ALREADY_USED') throw error;
    }
  }
}

/**
 * Takes room on the disk for a thousand records or so, to be given up when there is no other.
 *
 * @throws Error of the system when it is not to be had.
 */
function fillReserve(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return;
  // A file system may store zeros in no room at all.
  writeFileSync(path, randomBytes(RESERVE_BYTES), { mode: 0o600, flush: true });
}
