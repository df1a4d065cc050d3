import type { LogEntry } from '@physiclaw/contracts';
import { type Checkpoint, openCheckpoint } from '../checkpoint/note.ts';
import { sameBytes, textOf } from '../encoding/bytes.ts';
import { ProofError } from '../error.ts';
import { type FaultPlace, LogFault } from './fault.ts';
import { faultAtEdge } from './fault-of.ts';
import { fileAt, firstEntryOf, logFiles, TILE_WIDTH } from './files.ts';
import { LogReader, type LogSource, missing } from './reader.ts';
import { LogTree } from './tree.ts';
import { Walk } from './walk.ts';

export interface VerifyOptions {
  /** The log's key, from a place where who writes the log cannot write. */
  readonly vkey: string;
  /** Checkpoints of this log that were held outside of it: the log must have grown out of each. */
  readonly since?: string | readonly string[] | undefined;
  /** Is shown every entry, in order, once it is known to be good. */
  readonly visit?: (entry: LogEntry, bytes: Uint8Array, index: number) => void;
}

/** What a whole log was found to hold. */
export interface VerifiedLog extends Checkpoint {
  /** Entries read, each held against its hash. */
  readonly entries: number;
  readonly files: number;
  /** The right edge, from which the log can be continued. */
  readonly tree: LogTree;
}

/**
 * Checks every byte of every file of a log: the checkpoint's signature, that exactly the files of
 * its size are there, each tile against the signed root, each entry against its tile, and what
 * holds from entry to entry. Reads each file once, one bundle at a time.
 *
 * Without `since` it cannot see that a log was cut back to an older checkpoint as a whole. A log
 * that is written meanwhile may look faulty: look again when its checkpoint has changed.
 *
 * @throws LogFault with the file and, where it can be told, the first entry concerned.
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<VerifiedLog> {
  const reader = new LogReader(source);
  const text = await reader.read('checkpoint', 0);
  const checkpoint = open(text, { file: 'checkpoint', index: 0 }, options.vkey);
  const held = openHeld(checkpoint, options);
  const files = await checkNames(source, checkpoint.size);
  const tree = new LogTree(checkpoint.size, await reader.edge(checkpoint.size));
  if (!sameBytes(tree.root, checkpoint.root)) throw await faultAtEdge(reader, tree);
  const walk = new Walk(reader, { held, visit: options.visit });
  for (const [level, { hashes }] of [...tree.edge.entries()].toReversed()) {
    const index = Math.floor(checkpoint.size / TILE_WIDTH ** (level + 1));
    await walk.below({ level, index, width: hashes.length }, hashes);
  }
  return { ...checkpoint, entries: walk.entries, files, tree };
}

function open(bytes: Uint8Array, at: FaultPlace, vkey: string): Checkpoint {
  try {
    return openCheckpoint(textOf(bytes), vkey);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new LogFault('PROOF_LOG_CHECKPOINT', at, cause.message, { cause });
  }
}

function openHeld(
  { size }: Checkpoint,
  { vkey, since = [] }: Pick<VerifyOptions, 'vkey' | 'since'>,
): Checkpoint[] {
  const at = { file: 'since' };
  const held = [since].flat().map((text) => open(new TextEncoder().encode(text), at, vkey));
  for (const older of held) {
    if (older.size <= size) continue;
    const reason = `the log was cut: a checkpoint held outside names ${older.size} entries`;
    throw new LogFault('PROOF_LOG_CUT', { file: 'checkpoint', index: size }, reason);
  }
  return held;
}

/** A file too few, or one too many: what no hash covers must not be there. */
async function checkNames(source: LogSource, size: number): Promise<number> {
  const found = new Set<string>();
  for await (const path of source.list()) found.add(path);
  let expected = 1;
  found.delete('checkpoint');
  for (const file of logFiles(size)) {
    if (!found.delete(file.path)) throw missing(file.path, firstEntryOf(file));
    expected++;
  }
  const [stray] = found;
  if (stray === undefined) return expected;
  const place = fileAt(stray);
  const at = { file: stray, index: place && firstEntryOf(place) };
  throw new LogFault('PROOF_LOG_STRAY', at, 'is no file of a log of this size');
}
