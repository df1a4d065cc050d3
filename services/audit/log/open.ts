import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Logger } from '@physiclaw/platform';
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
  TILE_WIDTH,
  verifyLog,
  type VerifyOptions,
} from '@physiclaw/proof';
import { CHECKPOINT, dropNext, LOG, NEXT, PREVIOUS, publishNext } from '../disk/batch.ts';
import { removeFiles, unless, writeFiles } from '../disk/durable.ts';
import { RESERVE } from '../disk/reserve.ts';
import { AuditError } from '../errors.ts';
import type { LogState } from './growth.ts';

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

/** What lies on the disk, before any of it is believed. */
interface Survey {
  /** The checkpoint that counts, unread. */
  readonly checkpoint: Uint8Array | undefined;
  /** Older checkpoints, which the log must have grown out of. */
  readonly since: readonly string[];
  /** What lies beside the checkpoint in force: the next one, and whether it counts. */
  readonly next: 'none' | 'torn' | 'signed';
  readonly files: readonly string[];
  /** Files that a batch which was cut off, or a clean-up, may have left behind. */
  readonly leftovers: ReadonlySet<string>;
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
export async function openLog(options: OpenOptions): Promise<OpenedLog> {
  const { state, log } = options;
  const vkey = readAnchor(options);
  const origin = vkey.slice(0, vkey.indexOf('+'));
  if (isNew(state)) {
    await begin(state, signCheckpoint({ origin, size: 0, root: emptyRoot() }, options.signer));
    log.info({ origin }, 'a log begins');
  }
  const found = survey(state, vkey);
  const opened = await verify(state, found, vkey);
  if (found.next === 'signed') await publishNext(state);
  if (found.next === 'torn') await dropNext(state);
  removeFiles(join(state, LOG), found.leftovers);
  const { leftovers, next } = found;
  if (leftovers.size > 0 || next !== 'none') {
    log.warn({ leftovers: [...leftovers], next }, 'the last batch was cut off');
  }
  return { ...opened, origin };
}

/** The log's verifier key, when it is the one of the key that was handed over. */
function readAnchor({ anchors, signer }: OpenOptions): string {
  const path = join(anchors, 'log.vkey');
  try {
    const vkey = readFileSync(path, 'utf8').trim();
    if (logVerifier(vkey.slice(0, vkey.indexOf('+')), signer.publicKey) === vkey) return vkey;
  } catch (cause) {
    throw new AuditError('AUDIT_KEY_FOREIGN', `${path} is no anchor`, { cause });
  }
  throw new AuditError('AUDIT_KEY_FOREIGN', `the key handed over is not the one of ${path}`);
}

/** Whether no log was ever here. One that was taken away leaves traces beside it. */
function isNew(state: string): boolean {
  const traces = [PREVIOUS, RESERVE].filter((name) => existsSync(join(state, name)));
  return traces.length === 0 && list(state).length === 0;
}

async function begin(state: string, checkpoint: string): Promise<void> {
  mkdirSync(join(state, LOG), { recursive: true, mode: 0o700 });
  await writeFiles(state, new Map([[NEXT, checkpoint]]));
  await publishNext(state);
}

function survey(state: string, vkey: string): Survey {
  const [inForce, next, previous] = [CHECKPOINT, NEXT, PREVIOUS].map((path) =>
    readIfThere(state, path),
  );
  const ahead = next && sizeOf(next, vkey) !== undefined ? next : undefined;
  const checkpoint = inForce && (ahead ?? inForce);
  const older = [previous, ahead && inForce].filter((text) => text !== undefined);
  const files = list(state);
  return {
    checkpoint,
    since: older.map(String),
    next: ahead ? 'signed' : next ? 'torn' : 'none',
    files,
    leftovers: leftoversIn(files, checkpoint && sizeOf(checkpoint, vkey)),
  };
}

function leftoversIn(files: readonly string[], size: number | undefined): Set<string> {
  if (size === undefined) return new Set();
  const own = new Set(Array.from(logFiles(size), ({ path }) => path));
  const left = files.filter((path) => {
    const file = own.has(path) ? undefined : fileAt(path);
    return file !== undefined && sizeFor(file) <= size + MAX_BATCH;
  });
  return new Set(left);
}

async function verify(
  state: string,
  found: Survey,
  vkey: string,
): Promise<Omit<OpenedLog, 'origin'>> {
  const used = new Set<string>();
  let time = 0;
  let bundle: Uint8Array[] = [];
  const visit: VerifyOptions['visit'] = (entry, bytes, index) => {
    if (index % TILE_WIDTH === 0) bundle = [];
    bundle.push(Uint8Array.from(bytes));
    for (const key of entry.unmapped.once) used.add(key);
    time = entry.time;
  };
  try {
    const { tree } = await verifyLog(sourceOf(state, found), { vkey, since: found.since, visit });
    if (tree.size % TILE_WIDTH === 0) bundle = [];
    return { tree, bundle, used, time, checkpoint: String(found.checkpoint) };
  } catch (cause) {
    throw asAuditError(cause);
  }
}

function sourceOf(state: string, { checkpoint, files, leftovers }: Survey): LogSource {
  return {
    list: () => files.filter((path) => !leftovers.has(path)),
    read: (path) => (path === 'checkpoint' ? checkpoint : readIfThere(join(state, LOG), path)),
  };
}

function asAuditError(cause: unknown): unknown {
  if (!(cause instanceof LogFault)) return cause;
  const { code, file, message } = cause;
  if (code === 'PROOF_LOG_FORKED') return new AuditError('AUDIT_LOG_FORKED', message, { cause });
  const foreign = code === 'PROOF_LOG_CHECKPOINT' && file === 'checkpoint';
  return new AuditError(foreign ? 'AUDIT_KEY_FOREIGN' : 'AUDIT_LOG_BROKEN', message, { cause });
}

function sizeOf(checkpoint: Buffer, vkey: string): number | undefined {
  try {
    return openCheckpoint(String(checkpoint), vkey).size;
  } catch {
    // What is no checkpoint of this log has no size; whether that is a fault, the caller knows.
    return undefined;
  }
}

function readIfThere(folder: string, path: string): Buffer | undefined {
  return unless(['ENOENT'], () => readFileSync(join(folder, path)));
}

/** Path of everything in the log's folder that is no folder. */
function list(state: string): string[] {
  const folder = join(state, LOG);
  const options = { recursive: true, withFileTypes: true } as const;
  return (unless(['ENOENT'], () => readdirSync(folder, options)) ?? [])
    .filter((one) => !one.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}
