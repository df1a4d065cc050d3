import { z } from 'zod';
import { decodeBase64, encodeBase64 } from '../encoding/rfc4648.ts';
import { emptyRoot, hashChildren } from '../merkle/proofs.ts';

const Stored = z.strictObject({ size: z.int().nonnegative(), peaks: z.array(z.base64()) });

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

  toString(): string {
    return JSON.stringify({ size: this.#size, peaks: this.#peaks.map(encodeBase64) });
  }
}
