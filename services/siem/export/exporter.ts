import { ApplianceError, Bell, codeOf, type Logger } from '@physiclaw/platform';
import type { Cursor } from '../cursor/cursor.ts';
import type { History, Page } from '../log/history.ts';
import { entryMessage, forkAlert, heartbeat } from '../message/messages.ts';
import { type Format, formatMessage, type Message } from '../message/syslog.ts';
import type { Outgoing, Progress, Receiver } from '../receiver/receiver.ts';

export interface ExporterOptions {
  readonly history: History;
  readonly cursor: Cursor;
  readonly open: (progress: Progress, signal: AbortSignal) => Promise<Receiver>;
  readonly format: Format;
  readonly heartbeatMs: number;
  readonly log: Logger;
}

// A log that grows all the time is read so often, not at each entry: others need the disk too.
const LOOK_MS = 500;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted so long was a good one: the next is tried soon. */
const GOOD_MS = 2000;

/** Sends the log where it is to go, from where it was, until it is stopped or the log forks. */
export class Exporter implements AsyncDisposable {
  readonly #options: ExporterOptions;
  readonly #stop = new AbortController();
  readonly #bell = new Bell();
  #state: 'connecting' | 'connected' | 'waiting' | 'stopped' = 'connecting';
  #problem: { code: string; message: string } | undefined;
  #acknowledged: number;
  #failures = 0;
  #nextBeat = 0;
  #running: Promise<void> | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#acknowledged = options.cursor.size;
  }

  /** How far it is; `sent` and `acknowledged` are numbers of entries. */
  get progress() {
    return {
      state: this.#state,
      sent: this.#options.cursor.sent,
      acknowledged: this.#acknowledged,
      problem: this.#problem,
    };
  }

  start(): void {
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('siem stops'));
    this.#bell.ring();
    await this.#running;
    await this.#options.cursor.save();
  }

  async #run(): Promise<void> {
    while (this.#state !== 'stopped' && !this.#stop.signal.aborted) {
      const since = performance.now();
      try {
        await this.#session();
        this.#failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (performance.now() - since > GOOD_MS) this.#failures = 0;
        await this.#failed(error);
      }
    }
  }

  /** One connection, to its end. */
  async #session(): Promise<void> {
    const { history, open } = this.#options;
    const { signal } = this.#stop;
    this.#state = 'connecting';
    // A fork is seen also while nobody is there to be told.
    await history.look();
    using receiver = await open(this.#progress(), signal);
    const stop = () => receiver[Symbol.dispose]();
    signal.addEventListener('abort', stop);
    try {
      this.#state = 'connected';
      this.#problem = undefined;
      this.#nextBeat = 0;
      await this.#sendAll(receiver);
    } catch (error) {
      if (codeOf(error) === 'SIEM_LOG_FORKED') await this.#alarm(receiver);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Sends what there is and what comes, until the connection is not to be used for more. */
  async #sendAll(receiver: Receiver): Promise<void> {
    const { history, cursor } = this.#options;
    while (!receiver.isSpent) {
      this.#stop.signal.throwIfAborted();
      await this.#beat(receiver);
      const page = await history.page(cursor.position);
      if (page.entries.length > 0) await this.#sendPage(receiver, page);
      await cursor.save();
      receiver.lost.throwIfAborted();
      if (cursor.sent >= page.size) await this.#bell.wait(LOOK_MS, receiver.lost);
    }
    await receiver.finish();
  }

  async #sendPage(receiver: Receiver, { entries, size, after }: Page): Promise<void> {
    const { cursor } = this.#options;
    const messages = entries.map((entry) =>
      this.#outgoing(entryMessage(entry, size), entry.index + 1),
    );
    // Before they are sent: an answer may come while the last of them wait.
    cursor.add(after);
    await receiver.send(messages);
  }

  async #beat(receiver: Receiver): Promise<void> {
    const { history, cursor, heartbeatMs } = this.#options;
    const accepted = history.accepted();
    if (accepted === undefined || performance.now() < this.#nextBeat) return;
    const message = heartbeat(accepted, cursor.sent, Date.now());
    await receiver.send([this.#outgoing(message, cursor.sent)]);
    this.#nextBeat = performance.now() + heartbeatMs;
  }

  #outgoing(message: Message, sent: number): Outgoing {
    return { bytes: formatMessage(message, this.#options.format), sent };
  }

  #progress(): Progress {
    const onAcknowledged = (entries: number) => {
      this.#acknowledged = Math.max(this.#acknowledged, entries);
    };
    return {
      onAcknowledged,
      onSafe: (entries) => {
        this.#options.cursor.pass(entries);
        onAcknowledged(entries);
      },
    };
  }

  /** The receiver hears of a fork, if it can still be told. */
  async #alarm(receiver: Receiver): Promise<void> {
    const { history, cursor, log } = this.#options;
    const message = forkAlert(history.accepted()?.note ?? '', history.refused, Date.now());
    try {
      await receiver.send([this.#outgoing(message, cursor.sent)]);
      await receiver.finish();
    } catch (err) {
      log.warn({ err }, 'nobody could be told of the fork');
    }
  }

  /** Waits before the next try, longer each time; after a fork there is none. */
  async #failed(error: unknown): Promise<void> {
    if (!(error instanceof ApplianceError)) throw error;
    const { cursor, log } = this.#options;
    const { code, message } = error;
    if (code !== this.#problem?.code) log.warn({ err: error }, 'the export waits');
    this.#problem = { code, message };
    this.#state = code === 'SIEM_LOG_FORKED' ? 'stopped' : 'waiting';
    cursor.rewind();
    await cursor.save();
    if (this.#state === 'stopped') {
      log.fatal({ err: error }, 'the log forked: nothing more is exported');
      return;
    }
    const pause = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    // Random, so that machines that lost the same receiver do not come back all at once.
    await this.#bell.wait(pause * (0.5 + Math.random() / 2), this.#stop.signal);
  }
}
