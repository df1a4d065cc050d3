import { statSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable.ts';
import type { Logger } from './log.ts';
import { isDiskFull } from './write-files.ts';

const MEBIBYTE = 1_048_576;
const ZEROS = new Uint8Array(MEBIBYTE);
/** What must be free for ordinary writing: one batch of the log's largest entries fits into it. */
const MARGIN = 4 * MEBIBYTE;
/** Blocks of folders and of small files, beside the bytes of a batch. */
const OVERHEAD = MEBIBYTE / 4;

/**
 * Room on the disk that is kept for what must be recorded when all else is full. Real zeros: a
 * file with holes reserves nothing.
 */
export class Reserve {
  readonly #path: string;
  readonly #whole: number;
  readonly #log: Logger;
  #bytes = 0;

  private constructor(path: string, whole: number, log: Logger) {
    this.#path = path;
    this.#whole = whole;
    this.#log = log;
  }

  /** Opens the reserve, and makes it whole where there is room; a full disk stops no start. */
  static async open(path: string, bytes: number, log: Logger): Promise<Reserve> {
    const reserve = new Reserve(path, bytes, log);
    reserve.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (reserve.#bytes > bytes) await reserve.#cut(bytes);
    if (!(await reserve.regrow())) log.warn({ bytes: reserve.#bytes }, 'the reserve is not whole');
    return reserve;
  }

  /** Bytes that it holds now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether ordinary things may be written: the reserve is whole, and there is room beside. */
  async regrow(): Promise<boolean> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    const lacking = this.#whole - this.#bytes;
    if (bavail * bsize < lacking + MARGIN) return false;
    if (lacking === 0) return true;
    const grown = await this.#fill();
    if (grown) this.#log.info({ bytes: this.#bytes }, 'the reserve is whole');
    return grown;
  }

  /** Gives room for so many bytes to the disk; says no when there is nothing left to give. */
  async release(bytes: number): Promise<boolean> {
    if (this.#bytes === 0) return false;
    await this.#cut(Math.max(0, this.#bytes - bytes - OVERHEAD));
    this.#log.warn({ bytes: this.#bytes }, 'the disk is full: the reserve is used');
    return true;
  }

  async #fill(): Promise<boolean> {
    await using file = await open(this.#path, 'a', 0o600);
    try {
      while (this.#bytes < this.#whole) {
        const piece = ZEROS.subarray(0, this.#whole - this.#bytes);
        await file.appendFile(piece);
        this.#bytes += piece.length;
      }
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // Somebody took the room meanwhile; what was got is kept, as far as it is counted.
      await file.truncate(this.#bytes);
    }
    await file.sync();
    await syncFolder(dirname(this.#path));
    return this.#bytes === this.#whole;
  }

  async #cut(bytes: number): Promise<void> {
    await using file = await open(this.#path, 'r+');
    await file.truncate(bytes);
    // Some file systems give the blocks back only with the next commit of their journal.
    await file.sync();
    this.#bytes = bytes;
  }
}
