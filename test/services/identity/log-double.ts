import { audit, type LogEvent } from '@physiclaw/contracts';
import { ApplianceError, createLogger, Server, type SvidSource } from '@physiclaw/platform';
import { trustDomain } from './house.ts';

const RECEIPT = { index: 0, entry: '', proof: [], checkpoint: '' };

/**
 * What stands for the log: it keeps what it is told, takes each key once, and fails on demand. No
 * entry of it is durable, and its receipts prove nothing.
 */
export class LogDouble {
  readonly events: LogEvent[] = [];
  /** How often it failed. */
  failures = 0;
  readonly #used = new Set<string>();
  /** The code that it answers with, while it fails. */
  failure: string | undefined;

  /** As `Records` tells it, without a socket between. */
  readonly tell = async ({ event, once }: { event: LogEvent; once: string[] }): Promise<void> => {
    await Promise.resolve();
    this.append(event, once);
  };

  append(event: LogEvent, once: readonly string[]): void {
    if (this.failure) {
      this.failures += 1;
      throw new ApplianceError(this.failure, 500, 'as the test demands');
    }
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
    const { append, checkpoint, receipt, consistency, entries, files, file } = audit.calls;
    await server
      .answer(append, ({ event, once }) => {
        this.append(event, once);
        return RECEIPT;
      })
      .answer(checkpoint, unasked)
      .answer(receipt, unasked)
      .answer(consistency, unasked)
      .answer(entries, unasked)
      .answer(files, unasked)
      .answer(file, unasked)
      .listen();
    return server;
  }
}

function unasked(): Promise<never> {
  return Promise.reject(new Error('not asked for here'));
}
