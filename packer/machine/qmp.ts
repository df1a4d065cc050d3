import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';

const Message = z.looseObject({
  id: z.int().optional(),
  return: z.unknown().optional(),
  error: z.looseObject({ desc: z.string() }).optional(),
});

/** Talks to a QEMU that is told to connect to `path`. */
export class Monitor implements Disposable {
  readonly #server: Server;
  readonly #waiting = new Map<number, (answer: z.infer<typeof Message>) => void>();
  #socket: Socket | undefined;
  #lines: Interface | undefined;
  #last = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(path: string): Promise<Monitor> {
    rmSync(path, { force: true });
    const server = createServer().listen(path);
    await once(server, 'listening');
    return new Monitor(server);
  }

  /** Resolves once QEMU is there and takes commands. */
  async connected(signal: AbortSignal): Promise<void> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      this.#server.once('connection', (peer: Socket) => {
        resolve(peer.on('error', () => undefined));
      });
      signal.addEventListener(
        'abort',
        () => reject(new Error('QEMU ended', { cause: signal.reason })),
        { once: true },
      );
    });
    this.#socket = socket;
    this.#lines = createInterface({ input: socket });
    this.#lines.on('line', (line) => this.#receive(line));
    await this.execute('qmp_capabilities');
  }

  /** @throws Error when QEMU refuses, or has ended. */
  async execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<z.infer<typeof Message>>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket?.once('close', () => resolve({ error: { desc: 'QEMU has ended' } }));
    });
    this.#socket?.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    const answer = await answered;
    this.#waiting.delete(id);
    if (answer.error) throw new Error(`QEMU refused ${command}: ${answer.error.desc}`);
    return answer.return;
  }

  [Symbol.dispose](): void {
    this.#lines?.close();
    this.#socket?.destroy();
    this.#server.close();
  }

  #receive(line: string): void {
    const message = Message.parse(JSON.parse(line));
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
  }
}
