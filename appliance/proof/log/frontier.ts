import { z } from 'zod';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { sameBytes, utf8 } from '../encoding/bytes.ts';
import { decodeBase64, encodeBase64 } from '../encoding/rfc4648.ts';
import { emptyRoot, hashChildren, hashLeaf } from '../merkle/proofs.ts';

const Stored = z.strictObject({ size: z.int().nonnegative(), peaks: z.array(z.base64()) });

// The most entries that a log answers with at once.
const PAGE = 256;

/**
 * What it takes to add leaves to a log's tree and to know its root, and no more: whoever reads the
 * log keeps its text, and whoever can write that text can make him go on from another log.
 */
export class Frontier {
  #size: number;
  // Roots of the whole subtrees that the tree consists of, the largest first.
  readonly #peaks: Uint8Array[];

  /** Begins where `text`, an earlier frontier, ended; without it, before the first leaf. */
  constructor(text = '{"size":0,"peaks":[]}') {
    const { size, peaks } = Stored.parse(JSON.parse(text));
    this.#size = size;
    this.#peaks = peaks.map((peak) => decodeBase64(peak));
  }

  /**
   * The tree before an entry: in a proof that was verified it is what stands to the left of the entry,
   * the largest subtree last (RFC 9162, section 2.1.3.2).
   */
  static before({ index, size }: { index: number; size: number }, proof: readonly string[]) {
    const peaks: string[] = [];
    let [node, last] = [index, size - 1];
    for (const hash of proof) {
      if (node % 2 === 1 || node === last) {
        peaks.unshift(hash);
        // At the right edge a node without a sibling is its parent too.
        while (node % 2 === 0 && node > 0) [node, last] = [node / 2, Math.floor(last / 2)];
      }
      [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    }
    return new Frontier(JSON.stringify({ size: index, peaks }));
  }

  get size(): number {
    return this.#size;
  }

  get root(): Uint8Array {
    if (this.#peaks.length === 0) return emptyRoot();
    return this.#peaks.reduceRight((right, left) => hashChildren(left, right));
  }

  add(leaf: Uint8Array): void {
    let carried = leaf;
    // A one at the end of the size is a whole subtree that is half of a larger one now.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      carried = hashChildren(this.#peaks.pop() ?? emptyRoot(), carried);
    }
    this.#peaks.push(carried);
    this.#size++;
  }

  /**
   * Reads what a log holds beyond this, up to a tree of it, and tells where that leads. Nothing
   * where the entries are not those of the tree: then none of them is to be believed.
   */
  async follow(
    { size, root }: Pick<Checkpoint, 'size' | 'root'>,
    read: (from: number, count: number) => Promise<readonly string[]>,
  ): Promise<{ frontier: Frontier; entries: readonly string[] } | undefined> {
    const frontier = new Frontier(String(this));
    const entries: string[] = [];
    while (frontier.size < size) {
      const count = Math.min(PAGE, size - frontier.size);
      const page = (await read(frontier.size, count)).slice(0, count);
      if (page.length === 0) return undefined;
      for (const text of page) frontier.add(hashLeaf(utf8(text)));
      entries.push(...page);
    }
    return sameBytes(frontier.root, root) ? { frontier, entries } : undefined;
  }

  toString(): string {
    return JSON.stringify({ size: this.#size, peaks: this.#peaks.map(encodeBase64) });
  }
}
