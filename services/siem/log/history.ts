import { audit } from '@physiclaw/contracts';
import {
  type AskedLog,
  codeOf,
  isFork,
  proveGrowth,
  Witness,
  type WitnessOptions,
} from '@physiclaw/platform';
import { Frontier, hashLeaf } from '@physiclaw/proof';
import { SiemError } from '../errors.ts';

export interface Entry {
  readonly index: number;
  readonly text: string;
  readonly leaf: Uint8Array;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** The frontier behind the last of them. */
  readonly after: string;
  /** The tree that they were proven to be in. */
  readonly size: number;
}

const PAGE = 256;

/**
 * The log as this service reads it: nothing is handed on that is not proven to stand in a tree
 * that continues every tree that was accepted, and every entry that was handed on before.
 *
 * Who can write the checkpoint that is kept can make this service forget a part of the log that it
 * has not sent yet, and nothing before that.
 */
export class History extends Witness {
  readonly #log: AskedLog;

  /** @throws SiemError SIEM_LOG_FORKED when what was kept is no checkpoint of this log. */
  constructor(options: Omit<WitnessOptions, 'forked'>) {
    super({ ...options, forked });
    this.#log = options.log;
    this.accepted();
  }

  /**
   * The entries that follow a frontier, as many as one question brings; none at the log's end.
   *
   * @throws SiemError SIEM_LOG_FORKED; ApplianceError while the log is away.
   */
  async page(frontier: string): Promise<Page> {
    const grown = new Frontier(frontier);
    const known = this.accepted();
    const tree = known && grown.size < known.size ? known : await this.look();
    try {
      const entries = grown.size < tree.size ? await this.#read(grown, tree.size) : [];
      if (grown.size > 0) await proveGrowth(this.#log, grown, tree);
      return { entries, after: String(grown), size: tree.size };
    } catch (cause) {
      throw isFork(cause) ? forked(cause) : cause;
    }
  }

  async #read(grown: Frontier, size: number): Promise<Entry[]> {
    const from = grown.size;
    const count = Math.min(PAGE, size - from);
    const page = await this.#log.ask(audit.calls.entries, { from, count });
    const texts = page.entries.slice(0, count);
    if (texts.length === 0) throw other(`the log has no entry ${from}`);
    return texts.map((text, at) => {
      const leaf = hashLeaf(Buffer.from(text));
      grown.add(leaf);
      return { index: from + at, text, leaf };
    });
  }
}

function forked(cause: Error): SiemError {
  const shrunk = codeOf(cause) === 'AUDIT_INDEX_BEYOND_LOG';
  return other(shrunk ? 'it no longer has what it had' : cause.message, cause);
}

function other(found: string, cause?: Error): SiemError {
  const message = `expected the log that was exported so far, with more behind it; found another: ${found}. Keep what the receiver has, and run: physiclaw audit verify`;
  return new SiemError('SIEM_LOG_FORKED', message, { cause });
}
