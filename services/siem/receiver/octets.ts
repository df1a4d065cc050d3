import type { Connection } from './connection.ts';
import type { Outgoing, Progress, Receiver } from './receiver.ts';

/** So many messages may be on their way unseen: they are sent again after a break. */
const WINDOW = 1000;

const CHUNK = 64;
/** What one look at the log brings at most: a page of entries and a heartbeat. */
const ONE_LOOK = 257;

/**
 * Syslog over TLS (RFC 5425): each message behind its length. Nothing comes back, so a connection
 * carries only as many messages as are sent again after a break; then it is ended, and that the
 * receiver ends its side says that it has read them.
 */
export class Octets implements Receiver {
  readonly #connection: Connection;
  readonly #progress: Progress;
  #messages = 0;
  #sent = 0;

  constructor(connection: Connection, progress: Progress) {
    this.#connection = connection;
    this.#progress = progress;
    // It has nothing to say; reading is how its end is seen.
    connection.onData(() => undefined);
  }

  get lost(): AbortSignal {
    return this.#connection.lost;
  }

  get isSpent(): boolean {
    return this.#messages > WINDOW - ONE_LOOK;
  }

  async send(messages: readonly Outgoing[]): Promise<void> {
    for (let at = 0; at < messages.length; at += CHUNK) {
      const chunk = messages.slice(at, at + CHUNK);
      await this.#connection.write(Buffer.concat(chunk.flatMap(({ bytes }) => framed(bytes))));
      this.#messages += chunk.length;
      this.#sent = chunk.at(-1)?.sent ?? this.#sent;
    }
    this.#progress.onSafe(Math.max(0, this.#sent - WINDOW));
  }

  async finish(): Promise<void> {
    await this.#connection.finish();
    this.#progress.onAcknowledged(this.#sent);
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}

function framed(bytes: Buffer): Buffer[] {
  return [Buffer.from(`${bytes.length} `), bytes];
}
