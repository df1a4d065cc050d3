import { type ProofCode, ProofError } from '../error.ts';
import { firstEntryOf, type Place, tilePath } from './tiles.ts';
import { HASH_BYTES, Tile } from './tree.ts';

/** A log's folder, wherever it lies. Nothing that it says is believed. */
export interface LogSource {
  /** Path of every file in it, relative, whatever the file is. */
  list(): Iterable<string> | AsyncIterable<string>;
  /** The bytes of a file, or nothing where there is none. */
  read(path: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** Where in a log something is wrong. */
export interface FaultPlace {
  /** Path in the log's folder; `since` for a checkpoint that was held outside. */
  readonly file: string;
  /** The first entry that is not proven; absent where the file stands for no entry. */
  readonly index?: number | undefined;
}

/** A log that is not what its checkpoint says: in which file, and from which entry on. */
export class LogFault extends ProofError {
  override name = 'LogFault';
  readonly file: string;
  readonly index: number | undefined;

  constructor(
    code: Extract<ProofCode, `PROOF_LOG_${string}`>,
    { file, index }: FaultPlace,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(code, `${file}${index === undefined ? '' : `, entry ${index}`}: ${reason}`, options);
    this.file = file;
    this.index = index;
  }
}

/** @throws LogFault PROOF_LOG_MISSING; `index` is the first entry that the file is for. */
export async function readFile(source: LogSource, file: string, index = 0): Promise<Uint8Array> {
  const bytes = await source.read(file);
  if (bytes === undefined) throw missing(file, index);
  return bytes;
}

/** The fault of a file that the log's size demands. */
export function missing(file: string, index: number): LogFault {
  return new LogFault('PROOF_LOG_MISSING', { file, index }, 'is not there');
}

/** @throws LogFault PROOF_LOG_CHANGED also for a tile that is longer or shorter than its place. */
export async function readTile(source: LogSource, place: Place): Promise<Tile> {
  const { level, index, width } = place;
  const at = { file: tilePath(level, index, width), index: firstEntryOf(place) };
  const bytes = await readFile(source, at.file, at.index);
  if (bytes.length === width * HASH_BYTES) return new Tile(level, index, bytes);
  throw new LogFault('PROOF_LOG_CHANGED', at, `has ${bytes.length} bytes`);
}
