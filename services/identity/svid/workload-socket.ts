import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type Logger, peerCredentials } from '@physiclaw/platform';
import type { Child, Children } from '../child/children.ts';
import type { Svids } from './svids.ts';

export interface WorkloadSocketOptions {
  readonly path: string;
  readonly children: Children;
  readonly svids: Pick<Svids, 'follow'>;
  readonly log: Logger;
}

const QUIET_MS = 1000;

/**
 * Where a service gets its SVIDs: a line at once and at each renewal, for as long as it stays
 * connected. The one exchange without TLS: the kernel names the caller, and anybody may knock.
 */
export class WorkloadSocket implements AsyncDisposable {
  readonly #options: WorkloadSocketOptions;
  readonly #server = createServer((socket) => this.#greet(socket));
  /** By pid: a process has one stream. */
  readonly #streams = new Map<number, { child: Child; stream: AbortController }>();
  #quietUntil = 0;

  constructor(options: WorkloadSocketOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    const { path } = this.#options;
    rmSync(path, { force: true });
    this.#server.listen({ path, readableAll: true, writableAll: true });
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stream } of this.#streams.values()) stream.abort();
    await this.#server[Symbol.asyncDispose]();
  }

  /** Ends the stream of whoever is no child any more: to be called when the table changed. */
  endStrangers(): void {
    for (const { child, stream } of this.#streams.values()) {
      if (!this.#options.children.has(child)) stream.abort();
    }
  }

  #greet(socket: Socket): void {
    // Why a connection broke is the caller's affair; the stream ends by `close`.
    socket.on('error', () => socket.destroy());
    // A workload has nothing to say here; reading is how the end of the connection is seen.
    socket.on('data', () => socket.destroy());
    const pid = pidOf(socket);
    const child = this.#options.children.find(pid);
    if (child) return void this.#serve(socket, child);
    // Anybody may knock, as often as he likes: the log must not fill at his pace.
    if (performance.now() >= this.#quietUntil) {
      this.#quietUntil = performance.now() + QUIET_MS;
      this.#options.log.warn({ pid }, 'unknown caller');
    }
    const message = `expected a service that was started here, got process ${pid || 'unnamed'}`;
    send(socket, { error: { code: 'IDENTITY_CALLER_UNKNOWN', message } });
    socket.destroySoon();
  }

  async #serve(socket: Socket, child: Child): Promise<void> {
    const { children, svids } = this.#options;
    const stream = new AbortController();
    this.#streams.get(child.pid)?.stream.abort();
    this.#streams.set(child.pid, { child, stream });
    socket.once('close', () => stream.abort());
    for await (const update of svids.follow(child, stream.signal)) {
      // The pid may have been given away while the log was written.
      if (!children.has(child)) break;
      send(socket, update);
    }
    socket.destroySoon();
    if (this.#streams.get(child.pid)?.stream === stream) this.#streams.delete(child.pid);
  }
}

function send(socket: Socket, line: unknown): void {
  socket.write(`${JSON.stringify(line)}\n`);
}

function pidOf(socket: Socket): number {
  try {
    return peerCredentials(socket).pid;
  } catch {
    // In a name space of processes that is not below ours, a caller has no number here.
    return 0;
  }
}
