import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBundle, fileAt, firstEntryOf } from '@physiclaw/proof';

/** One bit of one file of a log. */
export interface Flip {
  readonly path: string;
  readonly bit: number;
  /** The first entry that is not proven any more. */
  readonly index: number;
}

/** What a run of flips is named by: each commit draws others, and a failure can be run again. */
export function seedOfRun(): string {
  const given = process.env['LOG_SEED'];
  return given ?? execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
}

/** Flip number `n`: the files take turns, the bit is drawn. */
export function drawFlip(seed: string, n: number, folder: string, files: readonly string[]): Flip {
  const path = files[n % files.length] ?? 'checkpoint';
  const bytes = readFileSync(join(folder, path));
  const drawn = createHash('sha256').update(`${seed} ${n}`).digest().readUIntBE(0, 6);
  const bit = drawn % (bytes.length * 8);
  return { path, bit, index: entryOf(path, bytes, bit >> 3) };
}

/** Changes the bit in the file, or changes it back. */
export function applyFlip(folder: string, { path, bit }: Flip): void {
  const file = join(folder, path);
  const bytes = readFileSync(file);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(file, bytes);
}

function entryOf(path: string, bytes: Uint8Array, offset: number): number {
  const place = fileAt(path);
  if (place === undefined) return 0;
  if (place.content === 'hashes') return firstEntryOf(place);
  let end = 0;
  const at = decodeBundle(bytes).findIndex((entry) => {
    end += 2 + entry.length;
    return offset < end;
  });
  return firstEntryOf(place) + at;
}
