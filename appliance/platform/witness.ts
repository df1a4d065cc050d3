import { existsSync, readFileSync } from 'node:fs';
import { audit } from '@physiclaw/contracts';
import {
  type Checkpoint,
  decodeBase64,
  openCheckpoint,
  ProofError,
  verifyConsistency,
} from '@physiclaw/proof';
import { writeIfRoom } from './durable.ts';
import { codeOf } from './error.ts';
import type { Peer } from './peer.ts';

/** The log, as it is asked by who believes nothing of it without a proof. */
export type AskedLog = Pick<Peer, 'ask'>;

/** A log at one moment: how many entries it had, and the root over them. */
export type Tree = Pick<Checkpoint, 'size' | 'root'>;

/**
 * Resolves once the log has shown that the newer tree is the older one with something appended, or
 * nothing. Every log continues the empty one: of that nothing can be shown, and it is not asked for.
 *
 * @throws an error that `isFork` knows when the newer tree is not; any other while the log is away.
 */
export async function proveGrowth(log: AskedLog, older: Tree, newer: Tree): Promise<void> {
  const [from, to] = [older.size, newer.size];
  if (from > to) {
    throw new ProofError('PROOF_CONSISTENCY_INVALID', `it has ${to} entries, and had ${from}`);
  }
  const { proof } =
    from === to ? { proof: [] } : await log.ask(audit.calls.consistency, { from, to });
  const [fromRoot, toRoot] = [older.root, newer.root];
  verifyConsistency({ from, to, fromRoot, toRoot, proof: proof.map(decodeBase64) });
}

/** Whether an error says that the log is not what it was; others, as that it is away, do not. */
export function isFork(error: unknown): error is Error {
  // The second is what the log answers about a size that it no longer has.
  return /^(PROOF_|AUDIT_INDEX_BEYOND_LOG$)/.test(codeOf(error) ?? '');
}

/** A checkpoint that continues every earlier one, and the note that it was read from. */
export interface Accepted extends Checkpoint {
  readonly note: string;
}

export interface WitnessOptions {
  readonly log: AskedLog;
  /** The log's verifier key, from the anchors. */
  readonly vkey: string;
  /**
   * Where the last accepted checkpoint is kept. It is believed: who can write it can make this
   * witness forget what it saw, as far back as he has a checkpoint of this log.
   */
  readonly path: string;
  /** What is thrown in place of an error that says that the log is another one. */
  readonly forked: (cause: Error) => Error;
}

/** Keeps the last checkpoint that it accepted, and accepts only what the log grew into from there. */
export class Witness {
  readonly #options: WitnessOptions;
  // Read at the start, opened when it is first asked for: it may be no checkpoint of this log.
  readonly #kept: string | undefined;
  #accepted: Accepted | undefined;
  #refused = '';
  #looking: Promise<Accepted> | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
    if (existsSync(options.path)) this.#kept = readFileSync(options.path, 'utf8');
  }

  /**
   * The checkpoint that was accepted last, if one was.
   *
   * @throws what `forked` makes of a file that holds no checkpoint of this log.
   */
  accepted(): Accepted | undefined {
    if (this.#kept === undefined) return this.#accepted;
    try {
      return (this.#accepted ??= this.#open(this.#kept));
    } catch (cause) {
      throw this.#told(cause);
    }
  }

  /** The last note that was not accepted. */
  get refused(): string {
    return this.#refused;
  }

  /**
   * The log's checkpoint, once it is known to continue the one accepted before.
   *
   * @throws what `forked` makes of it when it does not; ApplianceError while the log is away.
   */
  look(): Promise<Accepted> {
    // One at a time: two answers that overtake each other would look like a log that shrank.
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<Accepted> {
    const { log, path } = this.#options;
    const { checkpoint } = await log.ask(audit.calls.checkpoint, {});
    const last = this.accepted();
    if (checkpoint === last?.note) return last;
    try {
      const next = this.#open(checkpoint);
      if (last && last.size > 0) await proveGrowth(log, last, next);
      // A full disk: remembered until the stop. Whoever frees space must read the log first.
      await writeIfRoom(path, checkpoint);
      this.#accepted = next;
      return next;
    } catch (cause) {
      if (isFork(cause)) this.#refused = checkpoint;
      throw this.#told(cause);
    }
  }

  #open(note: string): Accepted {
    return { note, ...openCheckpoint(note, this.#options.vkey) };
  }

  #told(cause: unknown): unknown {
    return isFork(cause) ? this.#options.forked(cause) : cause;
  }
}
