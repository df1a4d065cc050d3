import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type LogSource, type VerifiedLog, verifyLog, type VerifyOptions } from '@physiclaw/proof';
import { Failure } from '../failure.ts';

const MOST_LOOKS = 20;
const PAUSE_MS = 100;

/** Files at the right edge: the next batch takes them away. All others never change again. */
const PARTIAL = /\.p\/\d+$/;

export interface LogSnapshot extends LogSource {
  list(): readonly string[];
  read(path: string): Uint8Array | undefined;
  /** The same again where, and only where, nothing was written in between. */
  readonly mark: string;
}

/**
 * Checks a log as it lies in a folder, also while its service writes there: what looks faulty is
 * looked at again for as long as the folder changes.
 *
 * @throws LogFault of a fault that stays; Failure LOG_MISSING.
 */
export async function verifyFolder(folder: string, options: VerifyOptions): Promise<VerifiedLog> {
  for (let looks = 1; ; looks += 1) {
    const source = snapshotOf(folder);
    try {
      return await verifyLog(source, options);
    } catch (fault) {
      await setTimeout(PAUSE_MS);
      if (looks === MOST_LOOKS || snapshotOf(folder).mark === source.mark) throw fault;
    }
  }
}

/** The names in a folder and what changes there, held from this moment on. */
export function snapshotOf(folder: string): LogSnapshot {
  const held = new Map<string, Uint8Array | undefined>();
  const files = namesIn(folder);
  for (const path of files) {
    if (path === 'checkpoint' || PARTIAL.test(path)) held.set(path, bytesOf(join(folder, path)));
  }
  const checkpoint = Buffer.from(held.get('checkpoint') ?? []).toString('base64');
  return {
    list: () => files,
    read: (path) => (held.has(path) ? held.get(path) : bytesOf(join(folder, path))),
    mark: [checkpoint, ...files.toSorted()].join('\n'),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (cause) {
    // A folder of partial files may go while it is listed: what was seen is no log then.
    if (bytesOf(join(folder, 'checkpoint')) !== undefined) return [];
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `there is no log at ${folder} (${why}); \`audit export DIR\` copies one`;
    throw new Failure('LOG_MISSING', message);
  }
}

function bytesOf(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    // Gone, or no file at all: the verifier names what is missing.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
