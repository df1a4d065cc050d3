import { audit, type LogEvent } from '@physiclaw/contracts';
import { ApplianceError, createLogger, Server, type SvidSource } from '@physiclaw/platform';
import { trustDomain } from './house.ts';

const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };

/**
 * What stands for the log: it keeps what it is told, takes each key once, and fails on demand. No
 * entry of it is durable, and its receipts prove nothing.
 */
export class LogDouble {
  readonly events: LogEvent[] = [];
  readonly #used = new Set<string>();
  /** The code that it answers with, while it fails. */
  failure: string | undefined;

  /** As `Peer.ask` of `append`, without a socket between. */
  readonly ask = async (_call: unknown, question: unknown): Promise<never> => {
    await Promise.resolve();
    const { event, once } = audit.calls.append.request.parse(question);
    this.append(event, once);
    return receipt as never;
  };

  append(event: LogEvent, once: readonly string[]): void {
    if (this.failure) throw new ApplianceError(this.failure, 500, 'as the test demands');
    if (once.some((key) => this.#used.has(key))) {
      throw new ApplianceError('AUDIT_ALREADY_USED', 409, 'told before');
    }
    for (const key of once) this.#used.add(key);
    this.events.push(event);
  }

  /** Serves the contract, as `audit` would. */
  async serve(socket: string, svid: SvidSource): Promise<Server> {
    const log = createLogger('audit', 'fatal');
    const server = new Server(audit, { socket, svid, log, trustDomain });
    for (const call of Object.values(audit.calls)) {
      if (call.name === 'append') continue;
      server.answer(call, () => Promise.reject(new Error('not asked for here')));
    }
    server.answer(audit.calls.append, ({ event, once }) => {
      this.append(event, once);
      return receipt;
    });
    await server.listen();
    return server;
  }
}
