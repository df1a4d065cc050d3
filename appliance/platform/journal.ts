import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { asDiskFull } from './durable.ts';
import { ApplianceError } from './error.ts';

// First byte of a line. It is overwritten in place, which takes no room: a full disk must not
// keep a record from being forgotten once it was delivered.
const WAITS = ' ';
const DELIVERED = '-';

interface Waiting<Content> {
  readonly content: Content;
  /** Where its line begins in the file. */
  readonly offset: number;
}

/**
 * Records that wait, on the disk and in order, until somebody takes them: what must go on while
 * the log is down. A record is handed on at least once; after a crash perhaps twice.
 *
 * The file is the service's own: whoever can write it can add, change or drop what waits.
 */
export class Journal<Schema extends z.ZodType> implements Disposable {
  readonly #schema: Schema;
  readonly #file: number;
  readonly #waiting: Waiting<z.output<Schema>>[];
  #length: number;
  #draining: Promise<void> | undefined;

  /** @throws ApplianceError JOURNAL_DAMAGED when a line that was acknowledged cannot be read. */
  constructor(path: string, schema: Schema) {
    this.#schema = schema;
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    syncFolderNow(dirname(path));
    const bytes = readFileSync(this.#file);
    // What a crash cut off was never acknowledged.
    this.#length = bytes.lastIndexOf('\n') + 1;
    this.#waiting = readWaiting(bytes.subarray(0, this.#length), schema, path);
    ftruncateSync(this.#file, this.#length);
  }

  /** How many records wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /**
   * Returns once the record is on the disk.
   *
   * @throws ApplianceError DISK_FULL when there is no room; the record does not wait then.
   */
  append(record: z.input<Schema>): void {
    const content = this.#schema.parse(record);
    const offset = this.#length;
    const line = Buffer.from(`${WAITS}${JSON.stringify(record)}\n`);
    try {
      this.#write(line, offset);
    } catch (error) {
      ftruncateSync(this.#file, offset);
      throw asDiskFull(error, 'journal');
    }
    this.#length += line.length;
    this.#waiting.push({ content, offset });
  }

  /**
   * Hands on each record, the oldest first, and forgets it once `take` resolved; ends when none
   * waits. Rejects with what `take` threw, and that record goes on waiting. A second call joins
   * the first.
   */
  async drain(take: (record: z.output<Schema>) => unknown): Promise<void> {
    this.#draining ??= this.#drain(take).finally(() => {
      this.#draining = undefined;
    });
    await this.#draining;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  async #drain(take: (record: z.output<Schema>) => unknown): Promise<void> {
    for (let oldest = this.#waiting[0]; oldest; oldest = this.#waiting[0]) {
      await take(oldest.content);
      this.#write(Buffer.from(DELIVERED), oldest.offset);
      this.#waiting.shift();
      if (this.#waiting.length > 0) continue;
      ftruncateSync(this.#file, 0);
      this.#length = 0;
    }
  }

  #write(bytes: Buffer, offset: number): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, offset + done);
    }
    fdatasyncSync(this.#file);
  }
}

function readWaiting<Schema extends z.ZodType>(bytes: Buffer, schema: Schema, path: string) {
  const waiting: Waiting<z.output<Schema>>[] = [];
  for (let offset = 0; offset < bytes.length; offset = bytes.indexOf('\n', offset) + 1) {
    const line = bytes.toString('utf8', offset, bytes.indexOf('\n', offset));
    if (line.startsWith(DELIVERED)) continue;
    try {
      waiting.push({ content: schema.parse(JSON.parse(line)), offset });
    } catch (cause) {
      throw new ApplianceError('JOURNAL_DAMAGED', 500, `${path} cannot be read`, { cause });
    }
  }
  return waiting;
}

function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
