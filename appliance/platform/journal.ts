import {
  closeSync,
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

const DELIVERED = '-';

/**
 * Records that wait, on the disk and in order, until somebody takes them: what must go on while
 * the log is down. A record is handed on at least once; after a crash perhaps twice.
 *
 * The file is the service's own: whoever can write it can add, change or drop what waits.
 */
export class Journal<Schema extends z.ZodType> implements Disposable {
  readonly #schema: Schema;
  readonly #file: number;
  readonly #waiting: z.output<Schema>[];
  #length: number;
  #draining: Promise<void> | undefined;

  /** @throws ApplianceError JOURNAL_DAMAGED when a line that was acknowledged cannot be read. */
  constructor(path: string, schema: Schema) {
    this.#schema = schema;
    this.#file = openSync(path, 'a+', 0o600);
    syncFolderNow(dirname(path));
    const { records, length } = readJournal(readFileSync(this.#file), schema, path);
    this.#waiting = records;
    this.#length = length;
    // What a crash cut off was never acknowledged.
    ftruncateSync(this.#file, length);
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
    const parsed = this.#schema.parse(record);
    this.#write(JSON.stringify(record));
    this.#waiting.push(parsed);
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
    // The array shrinks and may grow while it is walked, so the oldest is always the first.
    while (this.#waiting.length > 0) {
      for (const oldest of this.#waiting.slice(0, 1)) await take(oldest);
      if (this.#waiting.length === 1) this.#truncate(0);
      else this.#write(DELIVERED);
      this.#waiting.shift();
    }
  }

  #write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
      fdatasyncSync(this.#file);
      this.#length += bytes.length;
    } catch (error) {
      ftruncateSync(this.#file, this.#length);
      throw asDiskFull(error, 'journal');
    }
  }

  #truncate(length: number): void {
    ftruncateSync(this.#file, length);
    fdatasyncSync(this.#file);
    this.#length = length;
  }
}

function readJournal<Schema extends z.ZodType>(bytes: Buffer, schema: Schema, path: string) {
  const length = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, length).split('\n').slice(0, -1);
  const records = lines
    .filter((line) => line !== DELIVERED)
    .slice(lines.filter((line) => line === DELIVERED).length)
    .map((line) => readRecord(line, schema, path));
  return { records, length };
}

function readRecord<Schema extends z.ZodType>(line: string, schema: Schema, path: string) {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new ApplianceError('JOURNAL_DAMAGED', 500, `${path} cannot be read`, { cause });
  }
}

function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
