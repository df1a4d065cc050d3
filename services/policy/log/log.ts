import { audit, LogEntry, LogEvent, type Receipt, reporters } from '@physiclaw/contracts';
import {
  type Bell,
  codeOf,
  type Journal,
  type Logger,
  type Peer,
  retrying,
  spiffeIdOf,
} from '@physiclaw/platform';
import { canonicalize, hashLeaf, openCheckpoint, openReceipt } from '@physiclaw/proof';
import { z } from 'zod';
import { PolicyError } from '../errors.ts';
import type { Events, Recorded } from '../state/events.ts';

/** What waits while the log is down. */
export const Waiting = z.strictObject({ event: LogEvent, once: z.array(z.string()) });
type Waiting = z.infer<typeof Waiting>;

export interface LogOptions {
  readonly peer: Peer;
  /** The log's key, as it was anchored at genesis. */
  readonly vkey: string;
  readonly trustDomain: string;
  readonly events: Events;
  readonly journal: Journal<typeof Waiting>;
  /** Rung at each entry that was taken in. */
  readonly bell: Bell;
  readonly logger: Logger;
}

// So far the log may grow before it is read again; a restart has no more than that to read.
const BEHIND = 1024;
const SHORT_PATIENCE_MS = 1500;

/** The way to the log. Nothing that it answers is taken without proof against the anchored key. */
export class Log implements AsyncDisposable {
  readonly #options: LogOptions;
  readonly #stop = new AbortController();
  // The newest size that the log has shown: what it answers later is no smaller.
  #size = 0;
  // Something may be in the log that the database does not have.
  #behind = true;
  #reading: Promise<void> | undefined;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  get origin(): string {
    return this.#options.vkey.slice(0, this.#options.vkey.indexOf('+'));
  }

  /** How many events wait on our own disk. */
  get journaled(): number {
    return this.#options.journal.size;
  }

  /**
   * Resolves once the event is durable, and the database has it too.
   *
   * @throws PolicyError POLICY_LOG_MISMATCH when the receipt proves something else.
   */
  async append(event: LogEvent, once: readonly string[] = []): Promise<Receipt> {
    await this.settle();
    return this.#send({ event, once: [...once] });
  }

  /**
   * Resolves once the event is in the log, or on our own disk to be the log's next: for what must
   * not wait for the log.
   */
  async record(event: LogEvent, once: readonly string[] = []): Promise<void> {
    const { journal, logger } = this.#options;
    try {
      if (journal.size > 0) throw new Error('others wait already');
      await this.#send({ event, once: [...once] }, SHORT_PATIENCE_MS);
    } catch (error) {
      logger.warn({ err: error, kind: event.kind }, 'journaled');
      const later = event.kind === 'sign-in' && { journaled: new Date().toISOString() };
      journal.append({ event: { ...event, ...later }, once: [...once] });
      this.#deliver();
    }
  }

  /** An entry that the log holds, with its proof in the latest tree. */
  async receipt(index: number): Promise<Receipt> {
    const known = this.#size;
    const receipt = await this.#options.peer.ask(audit.calls.receipt, { index });
    if (this.#open(receipt, known).index === index) return receipt;
    throw mismatch(`another entry than ${index}`);
  }

  /** Resolves when nothing waits and the database has all that concerns it; `anew`: as of now. */
  async settle(anew = false): Promise<void> {
    await this.#options.journal.drain((waiting) => this.#deliverOne(waiting));
    if (anew) {
      await this.#reading;
      this.#behind = true;
    }
    if (!this.#behind) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** Ends what is under way before the journal and the database go. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('policy stops'));
    const last = this.#options.journal.drain(() => this.#stop.signal.throwIfAborted());
    await Promise.allSettled([last, this.#reading]);
  }

  async #send({ event, once }: Waiting, patienceMs?: number): Promise<Receipt> {
    const { peer, events, trustDomain, bell } = this.#options;
    const { signal } = this.#stop;
    const known = this.#size;
    try {
      const receipt = await peer.ask(audit.calls.append, { event, once }, { patienceMs, signal });
      const { entry, index } = this.#open(receipt, known);
      const { reporter, event: logged } = entry.unmapped;
      const ours = reporter === spiffeIdOf(trustDomain, 'policy');
      if (!ours || canonicalize(logged) !== canonicalize(event)) throw mismatch('another event');
      events.keep([{ index, time: entry.time, event }]);
      bell.ring();
      if (index - events.frontier.size > BEHIND) this.#behind = true;
      return receipt;
    } catch (error) {
      // It may be in the log all the same.
      this.#behind = true;
      throw error;
    }
  }

  async #deliverOne(waiting: Waiting): Promise<void> {
    try {
      await this.#send(waiting);
    } catch (error) {
      // A crash between its arrival and its removal from the journal sends it twice.
      if (!isUsed(error)) throw error;
    }
  }

  #deliver(): void {
    const { logger: log } = this.#options;
    const { signal } = this.#stop;
    retrying('audit', () => this.settle(), { signal, log }).catch((error: unknown) => {
      // The journal keeps what waits for the next start.
      if (!signal.aborted) log.error({ err: error }, 'delivery failed');
    });
  }

  /**
   * Reads what the log has beyond the database. The hashes of all entries so far must give the
   * root that the log signed: neither this reading nor what was read before has been changed.
   */
  async #read(): Promise<void> {
    const { peer, events, vkey, bell } = this.#options;
    const { signal } = this.#stop;
    this.#behind = false;
    try {
      const known = this.#size;
      const { checkpoint } = await peer.ask(audit.calls.checkpoint, {}, { signal });
      const { size, root } = proven(() => openCheckpoint(checkpoint, vkey));
      const { frontier } = events;
      if (size < Math.max(known, frontier.size)) throw mismatch('a shorter log than before');
      const entries: Recorded[] = [];
      while (frontier.size < size) {
        const question = { from: frontier.size, count: Math.min(256, size - frontier.size) };
        const page = await peer.ask(audit.calls.entries, question, { signal });
        if (page.entries.length === 0) break;
        for (const text of page.entries.slice(0, question.count)) {
          entries.push(...this.#believed(frontier.size, text));
          frontier.add(hashLeaf(Buffer.from(text)));
        }
      }
      if (Buffer.compare(frontier.root, root) !== 0) throw mismatch('entries of another tree');
      events.keep(entries, frontier);
      this.#size = Math.max(this.#size, size);
      bell.ring();
    } catch (error) {
      this.#behind = true;
      throw error;
    }
  }

  /** An event counts only from a service that may report its kind. */
  #believed(index: number, text: string): Recorded[] {
    const { time, unmapped } = proven(() => LogEntry.parse(JSON.parse(text)));
    const { reporter, event } = unmapped;
    const services = reporters[event.kind];
    const known = services.some((name) => spiffeIdOf(this.#options.trustDomain, name) === reporter);
    return known ? [{ index, time, event }] : [];
  }

  #open(receipt: Receipt, known: number) {
    const opened = proven(() => openReceipt(receipt, this.#options.vkey));
    if (opened.size < known) throw mismatch('a shorter log than before');
    this.#size = Math.max(this.#size, opened.size);
    return opened;
  }
}

/** Whether the log refused an event because one of its keys was used before. */
export function isUsed(error: unknown): boolean {
  return codeOf(error) === 'AUDIT_ALREADY_USED';
}

function proven<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (cause) {
    throw new PolicyError('POLICY_LOG_MISMATCH', 'the log answered without proof', { cause });
  }
}

function mismatch(what: string): PolicyError {
  return new PolicyError('POLICY_LOG_MISMATCH', `the log answered with ${what}`);
}
