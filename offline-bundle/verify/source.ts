import { type FileHandle, open } from 'node:fs/promises';
import { BundleError } from '../error.ts';

const CHUNK = 2 << 20;

/** A bundle's bytes from the first to the last, each read once; only one chunk is held. */
export class Source implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  #rest: Buffer = this.#chunk.subarray(0, 0);
  #offset = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws BundleError BUNDLE_UNREADABLE when the file cannot be opened. */
  static async open(path: string): Promise<Source> {
    try {
      return new Source(await open(path));
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  /** Of the next byte, from the beginning of the file. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The next bytes, as many as asked for, in pieces that hold until the next one is asked for.
   *
   * @throws BundleError BUNDLE_CUT when the file ends before; it names the blob.
   */
  async *take(size: number, blob: string): AsyncGenerator<Buffer> {
    for (let left = size; left > 0;) {
      const piece = await this.#next(left);
      if (piece.length === 0) {
        const place = { blob, offset: this.#offset };
        const message = `${blob}: expected ${left} more bytes, found the end of the file at byte ${this.#offset}`;
        throw new BundleError('BUNDLE_CUT', message, { place });
      }
      left -= piece.length;
      yield piece;
    }
  }

  /** The next bytes at once, as a copy. @throws BundleError BUNDLE_CUT when the file ends before. */
  async bytes(size: number, blob: string): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.take(size, blob)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces, size);
  }

  /** Whether not one byte is left. */
  async isAtEnd(): Promise<boolean> {
    if (this.#rest.length === 0) await this.#fill();
    return this.#rest.length === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #next(limit: number): Promise<Buffer> {
    if (this.#rest.length === 0) await this.#fill();
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    this.#offset += piece.length;
    return piece;
  }

  async #fill(): Promise<void> {
    try {
      const { bytesRead } = await this.#file.read(this.#chunk, 0, CHUNK, null);
      this.#rest = this.#chunk.subarray(0, bytesRead);
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

function unreadable(cause: unknown): BundleError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BundleError('BUNDLE_UNREADABLE', `expected a file that can be read: ${why}`, {
    cause,
  });
}
