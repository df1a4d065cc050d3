import { audit, type Receipt } from '@physiclaw/contracts';
import { ApplianceError, type AskedLog, isFork, proveGrowth, type Tree } from '@physiclaw/platform';
import { Frontier, hashLeaf, type OpenedReceipt, openReceipt } from '@physiclaw/proof';

export interface ProvenLogOptions {
  readonly log: AskedLog;
  /** The log's anchored verifier key. */
  readonly vkey: string;
  /** The log's latest tree, once it is known to extend every one that was accepted before. */
  readonly look: () => Promise<Tree>;
}

export interface Page {
  readonly from: number;
  /** Of the accepted tree. */
  readonly size: number;
  readonly entries: string[];
}

/**
 * The log as others are told of it: nothing is handed on that was not shown to stand, at its index,
 * in the tree of the last accepted checkpoint.
 */
export class ProvenLog {
  readonly #options: ProvenLogOptions;

  constructor(options: ProvenLogOptions) {
    this.#options = options;
  }

  /** @throws ApplianceError AUDIT_LOG_FORKED; AUDIT_INDEX_BEYOND_LOG when there is no such entry. */
  async receipt(index: number): Promise<Receipt> {
    const { receipt, opened } = await this.#receipt(index);
    await this.#agree(opened, await this.#options.look());
    return receipt;
  }

  /** Entries from an index on, or the last ones. @throws ApplianceError AUDIT_LOG_FORKED */
  async page(count: number, first?: number): Promise<Page> {
    const tree = await this.#options.look();
    const from = first ?? Math.max(0, tree.size - count);
    const most = Math.min(count, tree.size - from);
    if (most <= 0) return { from, size: tree.size, entries: [] };
    const question = { from, count: most };
    const { entries } = await this.#options.log.ask(audit.calls.entries, question);
    const grown = await this.#before(from);
    const page = entries.slice(0, most);
    for (const text of page) grown.add(hashLeaf(Buffer.from(text)));
    if (page.length === 0) throw forked(`nothing at entry ${from}`);
    await this.#agree(grown, tree);
    return { from, size: tree.size, entries: page };
  }

  /** The tree before an entry: all that its proof has to the left of it. */
  async #before(index: number): Promise<Frontier> {
    if (index === 0) return new Frontier();
    const { receipt, opened } = await this.#receipt(index);
    return Frontier.before(opened, receipt.proof);
  }

  async #receipt(index: number): Promise<{ receipt: Receipt; opened: OpenedReceipt }> {
    const receipt = await this.#options.log.ask(audit.calls.receipt, { index });
    const opened = this.#open(receipt);
    if (opened.index !== index) throw forked(`entry ${opened.index} in place of ${index}`);
    return { receipt, opened };
  }

  #open(receipt: Receipt): OpenedReceipt {
    try {
      return openReceipt(receipt, this.#options.vkey);
    } catch (cause) {
      throw forked(cause instanceof Error ? cause.message : 'no proof', cause);
    }
  }

  /** Shows that of two trees the larger is the smaller with something appended, or nothing. */
  async #agree(one: Tree, other: Tree): Promise<void> {
    const [older, newer] = one.size <= other.size ? [one, other] : [other, one];
    // Every log continues the empty one: there is nothing to show.
    if (older.size === 0) return;
    try {
      await proveGrowth(this.#options.log, older, newer);
    } catch (cause) {
      throw isFork(cause) ? forked(cause.message, cause) : cause;
    }
  }
}

function forked(found: string, cause?: unknown): ApplianceError {
  const message = `expected entries of the log whose last checkpoint was accepted here; found another: ${found}. Keep what is held outside, and run: physiclaw audit verify`;
  return new ApplianceError('AUDIT_LOG_FORKED', 500, message, { cause });
}
