import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** Bytes that a bundle is to hold, known by their digest before they are written. */
export interface Input {
  /** Where they lie in the unpacked bundle. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly read: () => AsyncIterable<Uint8Array>;
}

const CHUNK = 1 << 20;

export async function inputOfFile(path: string, file: string): Promise<Input> {
  const read = () => createReadStream(file, { highWaterMark: CHUNK });
  return inputOf(path, (await stat(file)).size, read);
}

export function inputOfBytes(path: string, content: Uint8Array | string): Promise<Input> {
  const bytes = Buffer.from(content);
  return inputOf(path, bytes.length, () => Readable.from([bytes]));
}

/** Reads the bytes once for their digest; they are read again when they are written. */
export async function inputOf(
  path: string,
  size: number,
  read: () => AsyncIterable<Uint8Array>,
): Promise<Input> {
  const hash = createHash('sha256');
  for await (const chunk of read()) hash.update(chunk);
  return { path, size, sha256: hash.digest('hex'), read };
}
