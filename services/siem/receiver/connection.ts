import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions as TlsOptions, type TLSSocket } from 'node:tls';
import { Bell, type Svid } from '@physiclaw/platform';
import type { SiemError } from '../errors.ts';
import type { Address } from './address.ts';
import { ended, explain, silent } from './failure.ts';

export interface ConnectionOptions {
  /** Authorities that may vouch for the receiver, in PEM; no other is believed. */
  readonly ca: string;
  /** Shown to the receiver where it is given. */
  readonly own: Svid | undefined;
  readonly signal: AbortSignal;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 60_000;
const END_MS = 10_000;

/** A TLS connection to a receiver whose certificate was verified. */
export class Connection implements Disposable {
  readonly #socket: TLSSocket;
  readonly #name: string;
  readonly #gone = new AbortController();
  readonly #bell = new Bell();
  #isEnding = false;
  #isRead = false;

  private constructor(socket: TLSSocket, name: string) {
    this.#socket = socket;
    this.#name = name;
    socket
      .on('drain', () => this.#bell.ring())
      .on('error', (cause) => this.lose(explain(cause, name)))
      .on('end', () => this.#end())
      .on('close', () => this.lose(ended(name)));
  }

  /**
   * Connects and verifies.
   *
   * @throws SiemError SIEM_RECEIVER_UNREACHABLE, SIEM_RECEIVER_UNTRUSTED, SIEM_RECEIVER_SILENT; the
   * signal's reason.
   */
  static async open(address: Address, options: ConnectionOptions): Promise<Connection> {
    const name = `${address.host}:${address.port}`;
    const socket = connect(tlsOptions(address, options));
    const patience = AbortSignal.timeout(CONNECT_MS);
    try {
      await once(socket, 'secureConnect', { signal: AbortSignal.any([options.signal, patience]) });
      return new Connection(socket, name);
    } catch (cause) {
      // What else goes wrong with it says nothing new.
      socket.on('error', () => undefined).destroy();
      options.signal.throwIfAborted();
      throw patience.aborted ? silent(name, CONNECT_MS) : explain(cause, name);
    }
  }

  /** Aborted, with the reason, when the connection is lost. */
  get lost(): AbortSignal {
    return this.#gone.signal;
  }

  /** What the other side says is heard, and then whoever waits looks again. */
  onData(listener: (bytes: Buffer) => void): void {
    this.#socket.on('data', (bytes: Buffer) => {
      listener(bytes);
      this.#bell.ring();
    });
  }

  /** Resolves when there is room for more. @throws SiemError why there will be none. */
  async write(bytes: Buffer): Promise<void> {
    this.lost.throwIfAborted();
    const socket = this.#socket;
    if (socket.write(bytes)) return;
    await this.until(() => !socket.destroyed && !socket.writableNeedDrain);
  }

  /** Ends this side and resolves when the other has read to the end, and ended its own. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    this.#socket.end();
    await this.until(() => this.#isRead, END_MS);
  }

  /**
   * Resolves once it holds; looks whenever something happened here.
   *
   * @throws SiemError SIEM_RECEIVER_SILENT when it takes too long; why the connection was lost.
   */
  async until(holds: () => boolean, patienceMs = SILENCE_MS): Promise<void> {
    const end = performance.now() + patienceMs;
    while (!holds()) {
      this.lost.throwIfAborted();
      const left = end - performance.now();
      if (left <= 0) throw silent(this.#name, patienceMs);
      await this.#bell.wait(left, this.lost);
    }
  }

  /** Gives the connection up. */
  lose(reason: SiemError): void {
    this.#gone.abort(reason);
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #end(): void {
    // One that ends before it can have all of it has not read it.
    this.#isRead = this.#isEnding && this.#socket.writableFinished;
    if (this.#isRead) this.#bell.ring();
    else this.lose(ended(this.#name));
  }
}

function tlsOptions({ host, port }: Address, { ca, own }: ConnectionOptions): TlsOptions {
  return {
    host,
    port,
    ca,
    minVersion: 'TLSv1.2',
    // A name is asked for by name; an address has no place in that question.
    ...(isIP(host) === 0 && { servername: host }),
    ...(own && { cert: own.cert, key: own.key }),
  };
}
