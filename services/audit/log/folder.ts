import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isDiskFull, type Logger, syncFolder, unless, writeFiles } from '@physiclaw/platform';
import {
  emptyRoot,
  fileAt,
  LogFault,
  logFiles,
  type LogSource,
  logVerifier,
  openCheckpoint,
  type Signer,
  signCheckpoint,
  sizeFor,
  verifyLog,
} from '@physiclaw/proof';
import { AuditError } from '../errors.ts';
import type { LogState } from './state.ts';

/** The folder of the log, below the service's state: what an export is a copy of. */
export const LOG = 'log';
const CHECKPOINT = 'log/checkpoint';
/** A checkpoint on its way: what it signs is on the disk before it is written. */
const NEXT = 'next-checkpoint';
/** The checkpoint before the last: a log that is older was put in the place of this one. */
const PREVIOUS = 'previous-checkpoint';

/** Room for what must be recorded on a full disk. */
export const RESERVE = 'reserve';

const PREVIOUS_DRAFT = 'previous-checkpoint.next';

/** Entries of one batch at most: so many can lie behind the checkpoint when a batch was cut off. */
export const MAX_BATCH = 256;

export interface OpenOptions {
  readonly state: string;
  /** The folder of `log.vkey`; this service cannot write it. */
  readonly anchors: string;
  readonly signer: Signer;
  readonly log: Logger;
}

/** A log as it was found and verified, ready to grow. */
export interface OpenedLog extends LogState {
  readonly origin: string;
  /** Every `once` key that an entry used up. */
  readonly used: Set<string>;
  /** Time of the last entry. */
  readonly time: number;
}

/**
 * Reads and verifies everything, and only then cleans up what a crash left behind; where there has
 * never been a log it begins one.
 *
 * A crash leaves no more than this: the whole tree of the checkpoint in force; beside it files
 * that a tree of up to 256 entries more has, or a smaller tree had; and perhaps the next
 * checkpoint. Signed, it counts, since what it signs was on the disk before it; otherwise nobody
 * was told of what it was to sign, and that goes. All else is tampering: nothing is cleaned up.
 *
 * @throws AuditError AUDIT_KEY_FOREIGN when the anchor or the checkpoint is of another key,
 *   AUDIT_LOG_FORKED when the log is whole and not the one that was signed, AUDIT_LOG_BROKEN for
 *   every other fault: a file is missing, strange or changed, or the log was cut.
 */
export async function openLog({ state, anchors, signer, log }: OpenOptions): Promise<OpenedLog> {
  const vkey = readAnchor(join(anchors, 'log.vkey'), signer);
  const origin = vkey.slice(0, vkey.indexOf('+'));
  if (isNew(state)) {
    mkdirSync(join(state, LOG), { recursive: true, mode: 0o700 });
    const first = signCheckpoint({ origin, size: 0, root: emptyRoot() }, signer);
    await writeFiles(state, new Map([[NEXT, first]]));
    await publishNext(state);
    log.info({ origin }, 'a log begins');
  }
  const read = (path: string) => unless(['ENOENT'], () => readFileSync(join(state, path)));
  const [inForce, next, previous] = [CHECKPOINT, NEXT, PREVIOUS].map(read);
  const signed = next !== undefined && sizeOf(next, vkey) !== undefined;
  const checkpoint = inForce && signed ? next : inForce;
  const since = [previous, signed ? inForce : undefined].filter((text) => text !== undefined);
  const files = list(state);
  const leftovers = leftoversIn(files, checkpoint && sizeOf(checkpoint, vkey));
  const source = {
    list: () => files.filter((path) => !leftovers.includes(path)),
    read: (path: string) => (path === 'checkpoint' ? checkpoint : read(join(LOG, path))),
  };
  const verified = await verify(source, vkey, since.map(String));
  if (next !== undefined) await (signed ? publishNext(state) : dropNext(state));
  removeFiles(join(state, LOG), leftovers);
  if (next !== undefined || leftovers.length > 0) {
    log.warn({ leftovers, signed }, 'the last batch was cut off');
  }
  return { ...verified, origin, checkpoint: String(checkpoint) };
}

/** The log's verifier key, when it is the one of the key that was handed over. */
function readAnchor(path: string, { publicKey }: Signer): string {
  try {
    const vkey = readFileSync(path, 'utf8').trim();
    if (logVerifier(vkey.slice(0, vkey.indexOf('+')), publicKey) === vkey) return vkey;
  } catch (cause) {
    throw new AuditError('AUDIT_KEY_FOREIGN', `${path} is no anchor`, { cause });
  }
  throw new AuditError('AUDIT_KEY_FOREIGN', `the key handed over is not the one of ${path}`);
}

/** Whether no log was ever here. One that was taken away leaves traces beside it. */
function isNew(state: string): boolean {
  const traces = [PREVIOUS, RESERVE].some((name) => existsSync(join(state, name)));
  return !traces && list(state).length === 0;
}

/** Files that a batch which was cut off, or a clean-up, may have left behind. */
function leftoversIn(files: readonly string[], size: number | undefined): string[] {
  if (size === undefined) return [];
  const own = new Set(Array.from(logFiles(size), ({ path }) => path));
  return files.filter((path) => {
    const file = own.has(path) ? undefined : fileAt(path);
    return file !== undefined && sizeFor(file) <= size + MAX_BATCH;
  });
}

async function verify(source: LogSource, vkey: string, since: readonly string[]) {
  try {
    const { tree, time, ...found } = await verifyLog(source, { vkey, since });
    const bundle = found.bundle.map((entry) => Uint8Array.from(entry));
    return { tree, bundle, used: new Set(found.used.keys()), time };
  } catch (cause) {
    if (!(cause instanceof LogFault)) throw cause;
    throw new AuditError(codeOf(cause), cause.message, { cause });
  }
}

function codeOf({ code, file }: LogFault) {
  if (code === 'PROOF_LOG_FORKED') return 'AUDIT_LOG_FORKED';
  const foreign = code === 'PROOF_LOG_CHECKPOINT' && file === 'checkpoint';
  return foreign ? 'AUDIT_KEY_FOREIGN' : 'AUDIT_LOG_BROKEN';
}

function sizeOf(checkpoint: Buffer, vkey: string): number | undefined {
  try {
    return openCheckpoint(String(checkpoint), vkey).size;
  } catch {
    // What is no checkpoint of this log has no size; whether that is a fault, the caller knows.
    return undefined;
  }
}

/** Path of everything in the log's folder that is no folder. */
function list(state: string): string[] {
  const folder = join(state, LOG);
  const options = { recursive: true, withFileTypes: true } as const;
  return (unless(['ENOENT'], () => readdirSync(folder, options)) ?? [])
    .filter((one) => !one.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

/** What one group of entries adds to the log. */
export interface Batch {
  /** Bundles and tiles by their path in the log; none of them is there yet. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly checkpoint: string;
  /** The checkpoint that is in force now. */
  readonly previous: string;
}

/**
 * Resolves once the batch is on the disk and its checkpoint in force; with `false` when there was
 * no room, and then nothing of the batch remains. Superseded files are left.
 *
 * After an error nobody knows what is on the disk: the process must end, and the next start looks.
 */
export async function writeBatch(state: string, batch: Batch): Promise<boolean> {
  const data = new Map<string, Uint8Array | string>([[PREVIOUS_DRAFT, batch.previous]]);
  for (const [path, bytes] of batch.files) data.set(join(LOG, path), bytes);
  try {
    await writeFiles(state, data);
    await writeFiles(state, new Map([[NEXT, batch.checkpoint]]));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // First the signature, for good: with it and without what it signs no start is possible.
    await dropNext(state);
    removeFiles(state, data.keys());
    return false;
  }
  await rename(join(state, PREVIOUS_DRAFT), join(state, PREVIOUS));
  await publishNext(state);
  return true;
}

/** Puts the checkpoint that is on its way in force. */
export async function publishNext(state: string): Promise<void> {
  await rename(join(state, NEXT), join(state, CHECKPOINT));
  await syncFolder(join(state, LOG));
}

/** Takes a checkpoint away that is on its way, if there is one; it does not come back. */
export async function dropNext(state: string): Promise<void> {
  removeFiles(state, [NEXT]);
  await syncFolder(state);
}

/** Removes files, and the folders of partial tiles that they leave empty. */
export function removeFiles(root: string, paths: Iterable<string>): void {
  for (const path of paths) {
    const file = join(root, path);
    unless(['ENOENT'], () => unlinkSync(file));
    // A folder that holds the tile's newer part stays.
    if (dirname(file).endsWith('.p')) {
      unless(['ENOTEMPTY', 'ENOENT'], () => rmdirSync(dirname(file)));
    }
  }
}
