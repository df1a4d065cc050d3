import { audit, type LogEvent, type Receipt } from '@physiclaw/contracts';
import { type Logger, type Peer, retrying } from '@physiclaw/platform';

/** Tells the log, and waits for it while it is away: a turn goes on only from what is recorded. */
export class Recorder {
  readonly #audit: Peer;
  readonly #log: Logger;

  constructor(log: Peer, logger: Logger) {
    this.#audit = log;
    this.#log = logger;
  }

  record(event: LogEvent, signal: AbortSignal): Promise<Receipt> {
    const tell = () => this.#audit.ask(audit.calls.append, { event }, { signal });
    return retrying('audit', tell, { signal, log: this.#log });
  }
}
