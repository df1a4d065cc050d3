import { audit, type LogEvent, type Receipt } from '@physiclaw/contracts';
import { type Logger, type Peer, retrying } from '@physiclaw/platform';
import { codeOf } from '../gate/patience.ts';

/** Tells the log, and waits for it while it is away: a turn goes on only from what is recorded. */
export class Recorder {
  readonly #audit: Pick<Peer, 'ask'>;
  readonly #log: Logger;

  constructor(log: Pick<Peer, 'ask'>, logger: Logger) {
    this.#audit = log;
    this.#log = logger;
  }

  /**
   * Waits for a log that is away.
   *
   * @throws ApplianceError AUDIT_DISK_FULL: nothing begins that the log has no room for.
   */
  async record(event: LogEvent, signal: AbortSignal): Promise<Receipt> {
    const tell = async () => {
      try {
        return { receipt: await this.#tell(event, signal) };
      } catch (error) {
        if (codeOf(error) === 'AUDIT_DISK_FULL') return { error };
        throw error;
      }
    };
    const told = await retrying('audit', tell, { signal, log: this.#log });
    if ('error' in told) throw told.error;
    return told.receipt;
  }

  /** Waits for room too: for the end of what has begun. */
  recordEnd(event: LogEvent, signal: AbortSignal): Promise<Receipt> {
    return retrying('audit', () => this.#tell(event, signal), { signal, log: this.#log });
  }

  #tell(event: LogEvent, signal: AbortSignal): Promise<Receipt> {
    return this.#audit.ask(audit.calls.append, { event }, { signal });
  }
}
