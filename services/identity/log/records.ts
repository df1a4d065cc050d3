import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvent } from '@physiclaw/contracts';
import { type Logger, Outbox, type Told } from '@physiclaw/platform';
import { IdentityError } from '../errors.ts';

type SvidEvent = Extract<LogEvent, { kind: 'svid' }>;

// Room for a thousand records or so.
const RESERVE_BYTES = 262_144;

/** Resolves once the log has the entry; rejects when it gave no receipt. */
export type Tell = (entry: Told, signal: AbortSignal) => Promise<unknown>;

/** What the log is told: at once, or where that must not be waited for, later and in order. */
export class Records implements AsyncDisposable {
  readonly #tell: Tell;
  readonly #log: Logger;
  readonly #reserve: string;
  readonly #stop = new AbortController();
  readonly #outbox: Outbox;

  /** `state` is the folder of the journal: this service's own. */
  constructor(state: string, tell: Tell, log: Logger) {
    this.#tell = tell;
    this.#log = log;
    this.#reserve = join(state, 'journal.reserve');
    const { signal } = this.#stop;
    this.#outbox = new Outbox({
      path: join(state, 'journal'),
      tell: (entry) => tell(entry, signal),
      onSettled: () => this.#fillReserve(),
      signal,
      log,
    });
    this.#outbox.deliver();
  }

  /** How many entries the log is still owed. */
  get owed(): number {
    return this.#outbox.owed;
  }

  /** Resolves once nothing is owed. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.owed > 0) {
      signal.throwIfAborted();
      await Promise.race([this.#outbox.delivery, once(signal, 'abort')]);
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
    const told = await this.#outbox.tell({ event, once: [] });
    if (!told) this.owe({ ...event, journaled });
  }

  /** @throws IdentityError IDENTITY_JOURNAL_UNWRITABLE */
  owe(event: LogEvent, ...keys: string[]): void {
    const entry = { event, once: keys };
    try {
      this.#outbox.owe(entry);
    } catch {
      // The second failure is the one to tell: it came with all the room that there is.
      const message = 'expected room on the disk for one entry, found none; make some';
      const again = () => {
        truncateSync(this.#reserve);
        this.#outbox.owe(entry);
      };
      IdentityError.attempt('IDENTITY_JOURNAL_UNWRITABLE', again, message);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('identity stops'));
    await this.#outbox[Symbol.asyncDispose]();
  }

  /** Takes room on the disk for a thousand records or so, to be given up when there is no other. */
  #fillReserve(): void {
    try {
      if (statSync(this.#reserve, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return;
      // A file system may store zeros in no room at all.
      writeFileSync(this.#reserve, randomBytes(RESERVE_BYTES), { mode: 0o600, flush: true });
    } catch (err) {
      this.#log.warn({ err }, 'no reserve for the journal');
    }
  }
}
