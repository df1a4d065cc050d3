import { audit, LogEntry, type LogEvent, type Receipt, reporters } from '@physiclaw/contracts';
import {
  type Bell,
  Follower,
  type Logger,
  Outbox,
  type Peer,
  spiffeIdOf,
  type Told,
} from '@physiclaw/platform';
import { canonicalize, openCheckpoint, openReceipt } from '@physiclaw/proof';
import { PolicyError } from '../errors.ts';
import type { Events, Recorded } from '../state/events.ts';

export interface LogOptions {
  readonly peer: Peer;
  /** The log's key, as it was anchored at genesis. */
  readonly vkey: string;
  readonly trustDomain: string;
  readonly events: Events;
  /** Where what must not wait for the log is kept until the log has it. */
  readonly journal: string;
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
  readonly #read: Follower;
  readonly #outbox: Outbox;
  readonly #stop = new AbortController();
  // The newest size that the log has shown: what it answers later is no smaller.
  #size = 0;
  // Something may be in the log that the database does not have.
  #behind = true;
  #reading: Promise<void> | undefined;

  constructor(options: LogOptions) {
    const { peer, events, journal: path, logger: log } = options;
    const { signal } = this.#stop;
    this.#options = options;
    this.#read = new Follower({ log: peer, db: events.database, table: 'replay' });
    const tell = (told: Told, patienceMs?: number) => this.#send(told, patienceMs);
    this.#outbox = new Outbox({ path, tell, onSettled: () => this.settle(), signal, log });
  }

  /** Its verifier key. */
  get vkey(): string {
    return this.#options.vkey;
  }

  get origin(): string {
    return this.vkey.slice(0, this.vkey.indexOf('+'));
  }

  /** How many events wait on our own disk. */
  get journaled(): number {
    return this.#outbox.owed;
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
    const told = { event, once: [...once] };
    if (await this.#outbox.tell(told, SHORT_PATIENCE_MS)) return;
    const later = event.kind === 'sign-in' && { journaled: new Date().toISOString() };
    this.#outbox.owe({ ...told, event: { ...event, ...later } });
  }

  /** An entry that the log holds, with its proof in the latest tree. */
  async receipt(index: number): Promise<Receipt> {
    const known = this.#size;
    const receipt = await this.#options.peer.ask(audit.calls.receipt, { index });
    demand(this.#open(receipt, known).index === index, `another entry than ${index}`);
    return receipt;
  }

  /** Resolves when nothing waits and the database has all that concerns it; `anew`: as of now. */
  async settle(anew = false): Promise<void> {
    await this.#outbox.drain();
    if (anew) {
      await this.#reading;
      this.#behind = true;
    }
    if (!this.#behind) return;
    this.#reading ??= this.#catchUp().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** Ends what is under way before the database goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('policy stops'));
    await Promise.allSettled([this.#outbox[Symbol.asyncDispose](), this.#reading]);
  }

  async #send({ event, once }: Told, patienceMs?: number): Promise<Receipt> {
    const { peer, events, bell } = this.#options;
    const { signal } = this.#stop;
    const known = this.#size;
    try {
      const receipt = await peer.ask(audit.calls.append, { event, once }, { patienceMs, signal });
      const { entry, index } = this.#open(receipt, known);
      const { reporter, event: logged } = entry.unmapped;
      const ours = reporter === this.#idOf('policy');
      demand(ours && canonicalize(logged) === canonicalize(event), 'another event');
      events.keep([{ index, time: entry.time, event }]);
      bell.ring();
      if (index - this.#read.tree.size > BEHIND) this.#behind = true;
      return receipt;
    } catch (error) {
      // It may be in the log all the same.
      this.#behind = true;
      throw error;
    }
  }

  /**
   * Reads what the log has beyond the database. The hashes of all entries so far must give the
   * root that the log signed: neither this reading nor what was read before has been changed.
   */
  async #catchUp(): Promise<void> {
    const { peer, events, vkey, bell } = this.#options;
    const { signal } = this.#stop;
    this.#behind = false;
    try {
      const known = this.#size;
      const { checkpoint } = await peer.ask(audit.calls.checkpoint, {}, { signal });
      const tree = proven(() => openCheckpoint(checkpoint, vkey));
      demand(tree.size >= Math.max(known, this.#read.tree.size), 'a shorter log than before');
      const take = (index: number, text: string) => events.keep(this.#believed(index, text));
      demand(await this.#read.follow(tree, take, signal), 'entries of another tree');
      this.#size = Math.max(this.#size, tree.size);
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
    const known = reporters[event.kind].some((name) => this.#idOf(name) === reporter);
    return known ? [{ index, time, event }] : [];
  }

  #idOf(service: string): string {
    return spiffeIdOf(this.#options.trustDomain, service);
  }

  #open(receipt: Receipt, known: number) {
    const opened = proven(() => openReceipt(receipt, this.#options.vkey));
    demand(opened.size >= known, 'a shorter log than before');
    this.#size = Math.max(this.#size, opened.size);
    return opened;
  }
}

function proven<Result>(open: () => Result): Result {
  return PolicyError.attempt('POLICY_LOG_MISMATCH', open, 'the log answered without proof');
}

function demand(holds: boolean, otherwise: string): asserts holds {
  PolicyError.demand(holds, 'POLICY_LOG_MISMATCH', `the log answered with ${otherwise}`);
}
