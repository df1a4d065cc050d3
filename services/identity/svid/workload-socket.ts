import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type Logger, peerCredentials } from '@physiclaw/platform';
import type { Child, Children } from '../child/children.ts';
import { IdentityError } from '../errors.ts';
import type { Svids } from './svids.ts';

export interface WorkloadSocketOptions {
  readonly path: string;
  readonly children: Children;
  readonly svids: Pick<Svids, 'follow'>;
  readonly log: Logger;
}

interface Stream {
  readonly child: Child;
  readonly end: AbortController;
}

/**
 * Where a service gets its SVIDs: a line at once and at each renewal, for as long as it stays
 * connected. The one exchange without TLS: the kernel names the caller, and anybody may knock.
 */
export class WorkloadSocket implements AsyncDisposable {
  readonly #options: WorkloadSocketOptions;
  readonly #server = createServer((socket) => this.#greet(socket));
  readonly #streams = new Map<number, Stream>();
  #refused = 0;

  constructor(options: WorkloadSocketOptions) {
    this.#options = options;
    options.children.onChange(() => this.#endStrangers());
  }

  /** How many callers were refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  async listen(): Promise<void> {
    const { path } = this.#options;
    rmSync(path, { force: true });
    this.#server.listen({ path, readableAll: true, writableAll: true });
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { end } of this.#streams.values()) end.abort();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #greet(socket: Socket): void {
    // Why a connection broke is the caller's affair; the stream ends by `close`.
    socket.on('error', () => socket.destroy());
    // A workload has nothing to say here; reading is how the end of the connection is seen.
    socket.on('data', () => socket.destroy());
    const pid = pidOf(socket);
    const child = pid === undefined ? undefined : this.#options.children.find(pid);
    if (child === undefined) this.#refuse(socket, pid);
    else void this.#serve(socket, child);
  }

  #refuse(socket: Socket, pid: number | undefined): void {
    this.#refused += 1;
    this.#options.log.warn({ pid }, 'unknown caller');
    const message = `expected a service that was started here, got process ${pid ?? 'unnamed'}`;
    const { code } = new IdentityError('IDENTITY_CALLER_UNKNOWN', message);
    socket.write(`${JSON.stringify({ error: { code, message } })}\n`);
    socket.destroySoon();
  }

  async #serve(socket: Socket, child: Child): Promise<void> {
    const { children, svids } = this.#options;
    const end = new AbortController();
    // One stream a process: a second one takes the place of the first.
    this.#streams.get(child.pid)?.end.abort();
    this.#streams.set(child.pid, { child, end });
    socket.once('close', () => end.abort());
    for await (const update of svids.follow(child, end.signal)) {
      // The pid may have been given away while the log was written.
      if (!children.has(child)) break;
      socket.write(`${JSON.stringify(update)}\n`);
    }
    socket.destroySoon();
    if (this.#streams.get(child.pid)?.end === end) this.#streams.delete(child.pid);
  }

  #endStrangers(): void {
    for (const { child, end } of this.#streams.values()) {
      if (!this.#options.children.has(child)) end.abort();
    }
  }
}

function pidOf(socket: Socket): number | undefined {
  try {
    return peerCredentials(socket).pid;
  } catch {
    // In a name space of processes that is not below ours, a caller has no number here.
    return undefined;
  }
}
