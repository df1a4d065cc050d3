import { existsSync, readFileSync } from 'node:fs';
import { audit } from '@physiclaw/contracts';
import { ApplianceError, type Peer, writeDurable } from '@physiclaw/platform';
import { decodeBase64, openCheckpoint, verifyConsistency } from '@physiclaw/proof';

/** What the log answers about a size that it no longer has; other failures say nothing of it. */
const SHRUNK: ReadonlySet<string> = new Set(['AUDIT_INDEX_BEYOND_LOG']);

export interface WitnessOptions {
  readonly log: Pick<Peer, 'ask'>;
  /** The log's anchored verifier key. */
  readonly vkey: string;
  /** Where the last accepted checkpoint is kept. Who can write it can make this witness forget. */
  readonly path: string;
}

/** Keeps the last checkpoint that it accepted, and accepts only what the log grew into from there. */
export class Witness {
  readonly #options: WitnessOptions;
  #accepted: string | undefined;
  #looking: Promise<{ checkpoint: string; size: number }> | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
    if (existsSync(options.path)) this.#accepted = readFileSync(options.path, 'utf8');
  }

  /**
   * The log's checkpoint, once it is known to extend the one accepted before.
   *
   * @throws ApplianceError AUDIT_LOG_FORKED when it does not.
   */
  look(): Promise<{ checkpoint: string; size: number }> {
    // One at a time: two answers that overtake each other would look like a log that shrank.
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<{ checkpoint: string; size: number }> {
    const { log } = this.#options;
    const { checkpoint } = await log.ask(audit.calls.checkpoint, {});
    const { size } = await this.#extends(checkpoint);
    if (checkpoint !== this.#accepted) await this.#keep(checkpoint);
    this.#accepted = checkpoint;
    return { checkpoint, size };
  }

  /** On a full disk it is remembered until the stop: whoever frees space must read the log first. */
  async #keep(checkpoint: string): Promise<void> {
    try {
      await writeDurable(this.#options.path, Buffer.from(checkpoint));
    } catch (error) {
      if (!(error instanceof ApplianceError && error.code === 'DISK_FULL')) throw error;
    }
  }

  async #extends(checkpoint: string): Promise<{ size: number }> {
    const { log, vkey } = this.#options;
    try {
      const next = openCheckpoint(checkpoint, vkey);
      if (this.#accepted === undefined) return next;
      const last = openCheckpoint(this.#accepted, vkey);
      // Every log continues the empty one: there is nothing to show.
      if (last.size === 0) return next;
      const { proof } = await log.ask(audit.calls.consistency, { from: last.size, to: next.size });
      verifyConsistency({
        from: last.size,
        to: next.size,
        fromRoot: last.root,
        toRoot: next.root,
        proof: proof.map((hash) => decodeBase64(hash)),
      });
      return next;
    } catch (cause) {
      if (cause instanceof ApplianceError && !SHRUNK.has(cause.code)) throw cause;
      const message = 'expected a log that extends the last checkpoint seen here; found another';
      throw new ApplianceError('AUDIT_LOG_FORKED', 500, message, { cause });
    }
  }
}
