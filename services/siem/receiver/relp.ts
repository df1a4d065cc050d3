import { codeOf } from '@physiclaw/platform';
import { SiemError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { Outgoing, Progress, Receiver } from './receiver.ts';
import { encodeFrame, type Frame, FrameReader } from './relp-frame.ts';

const OFFERS = 'relp_version=0\nrelp_software=physiclaw\ncommands=syslog';
/** Messages that may wait for their answer, as many as librelp takes. */
const WINDOW = 128;
const LAST_TRANSACTION = 999_999_999;

interface Transaction {
  readonly number: number;
  readonly sent: number;
  isDone: boolean;
}

/** RELP: every message has a number, and the receiver answers each. */
export class Relp implements Receiver {
  readonly isSpent = false;
  readonly #connection: Connection;
  readonly #progress: Progress;
  #waiting: Transaction[] = [];
  #number = 0;

  private constructor(connection: Connection, progress: Progress) {
    this.#connection = connection;
    this.#progress = progress;
    const reader = new FrameReader();
    connection.onData((bytes) => this.#hear(() => reader.read(bytes)));
  }

  /**
   * Opens the session.
   *
   * @throws SiemError SIEM_RECEIVER_REFUSED when the receiver does not take syslog; as a connection.
   */
  static async open(connection: Connection, progress: Progress): Promise<Relp> {
    const relp = new Relp(connection, progress);
    try {
      await relp.#transmit('open', [{ bytes: Buffer.from(OFFERS), sent: 0 }]);
      await connection.until(() => relp.#waiting.length === 0);
      return relp;
    } catch (cause) {
      if (codeOf(cause) !== 'SIEM_RECEIVER_UNREACHABLE') throw cause;
      // What it wants of a client many a receiver does not say: it hangs up.
      const message =
        'the receiver ended the connection before it answered; it may want a certificate (siem.clientCertificate), or not speak RELP there';
      throw new SiemError('SIEM_RECEIVER_REFUSED', message, { cause });
    }
  }

  get lost(): AbortSignal {
    return this.#connection.lost;
  }

  async send(messages: readonly Outgoing[]): Promise<void> {
    for (let at = 0; at < messages.length;) {
      await this.#connection.until(() => this.#waiting.length < WINDOW);
      const chunk = messages.slice(at, at + WINDOW - this.#waiting.length);
      await this.#transmit('syslog', chunk);
      at += chunk.length;
    }
  }

  async finish(): Promise<void> {
    await this.#connection.until(() => this.#waiting.length === 0);
    await this.#connection.finish();
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }

  async #transmit(command: 'open' | 'syslog', messages: readonly Outgoing[]): Promise<void> {
    const frames = messages.map(({ bytes, sent }) => {
      this.#number = (this.#number % LAST_TRANSACTION) + 1;
      this.#waiting.push({ number: this.#number, sent, isDone: false });
      return encodeFrame(this.#number, command, bytes);
    });
    await this.#connection.write(Buffer.concat(frames));
  }

  #hear(read: () => Iterable<Frame>): void {
    try {
      for (const frame of read()) this.#take(frame);
    } catch (error) {
      if (!(error instanceof SiemError)) throw error;
      this.#connection.lose(error);
    }
  }

  #take({ number, command, data }: Frame): void {
    if (command === 'serverclose') throw ended();
    if (command !== 'rsp') throw refused(`${command}, not an answer`);
    const transaction = this.#waiting.find((one) => one.number === number);
    if (transaction === undefined) throw refused('an answer to nothing that was sent');
    const [code = ''] = /^[0-9]{3}(?= |$)/.exec(data.toString('latin1', 0, 4)) ?? [];
    if (code !== '200') throw refused(`the code ${code || 'of no answer'}`);
    transaction.isDone = true;
    this.#settle();
  }

  /** Counts as acknowledged what has nothing unacknowledged before it. */
  #settle(): void {
    const open = this.#waiting.findIndex(({ isDone }) => !isDone);
    const done = this.#waiting.slice(0, open < 0 ? this.#waiting.length : open);
    const last = done.at(-1);
    if (last === undefined) return;
    this.#waiting = this.#waiting.slice(done.length);
    this.#progress.onAcknowledged(last.sent);
    this.#progress.onSafe(last.sent);
  }
}

function ended(): SiemError {
  return new SiemError('SIEM_RECEIVER_UNREACHABLE', 'the receiver ended its session of RELP');
}

function refused(found: string): SiemError {
  const message = `expected of the receiver that it answers each message of RELP with 200; found ${found}`;
  return new SiemError('SIEM_RECEIVER_REFUSED', message);
}
