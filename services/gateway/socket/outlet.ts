import { GatewayError } from '../errors.ts';

/** What a connection is to us: of `ws`, or of a test. */
export interface Wire {
  /** Bytes that were sent and that the reader has not taken in. */
  readonly bufferedAmount: number;
  /** Calls back once the reader has taken all of it in, or never will. */
  send(text: string, taken?: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface OutletOptions {
  /** Of events, and of refusals. */
  readonly maxBufferedBytes: number;
  readonly maxReplyBytes: number;
  /** How long a reader may take for one reply. */
  readonly replyMs: number;
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  /** Told of a reader who does not read, before he is cut off. */
  readonly onSlow: () => void;
}

/**
 * What goes out over one connection. However large a reply is, it cuts nobody off who reads: the next
 * one waits until it was taken in, and it does not count against the events beside it.
 */
export class Outlet {
  readonly #wire: Wire;
  readonly #options: OutletOptions;
  #taking: Promise<void> | undefined;
  // Bytes of the reply that is being taken in.
  #underway = 0;

  constructor(wire: Wire, options: OutletOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Sends what is not waited for; who has left too much of it unread is cut off instead. */
  tell(text: string): void {
    const { signal, maxBufferedBytes } = this.#options;
    if (signal.aborted) return;
    if (this.#wire.bufferedAmount - this.#underway > maxBufferedBytes) this.#cut();
    else this.#wire.send(text);
  }

  /**
   * Resolves once the reply was taken in, or the connection has ended.
   *
   * @throws GatewayError GATEWAY_REPLY_TOO_LARGE, and then nothing of it was sent.
   */
  async reply(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    const { maxReplyBytes } = this.#options;
    if (bytes > maxReplyBytes) {
      throw new GatewayError(
        'GATEWAY_REPLY_TOO_LARGE',
        `expected a reply of at most ${maxReplyBytes} bytes, found ${bytes}; ask for less at once, or on the Unix socket`,
      );
    }
    while (this.#taking) await this.#taking;
    if (this.#options.signal.aborted) return;
    this.#taking = this.#send(text, bytes);
    await this.#taking;
  }

  async #send(text: string, bytes: number): Promise<void> {
    const { signal, replyMs } = this.#options;
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    const done = () => resolve();
    signal.addEventListener('abort', done);
    const late = setTimeout(() => this.#cut(), replyMs);
    this.#underway = bytes;
    this.#wire.send(text, done);
    await taken;
    this.#underway = 0;
    this.#taking = undefined;
    clearTimeout(late);
    signal.removeEventListener('abort', done);
  }

  #cut(): void {
    this.#options.onSlow();
    // A farewell would wait behind all that he has not read.
    this.#wire.terminate();
  }
}
