import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { methods, type TreeEntry } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import type { Client } from './client.ts';

/** In base64, with room to spare in the largest body that the gateway takes on its socket. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Opens a session whose first tree is empty, or a copy of a folder that is sent in by digest. */
export async function openSession(client: Client, folder?: string): Promise<string> {
  const { session } = await client.call('reserveSession', methods.reserveSession, {});
  const entries = folder === undefined ? [] : await send(client, session, resolve(folder));
  await client.call('openSession', methods.openSession, { session, entries });
  return session;
}

async function send(client: Client, session: string, folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const sent = new Set<string>();
  for (const path of walk(folder)) {
    const { entry, bytes } = read(folder, path);
    entries.push(entry);
    if (entry.type !== 'file' || bytes === undefined || sent.has(entry.digest)) continue;
    sent.add(entry.digest);
    const blob = { session, digest: entry.digest, bytes: bytes.toString('base64') };
    await client.call('sendBlob', methods.sendBlob, blob);
  }
  return entries;
}

/** Every path below a folder, links as themselves, in an order that does not hang on the disk's. */
function* walk(folder: string): Generator<string> {
  let names: string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
  for (const name of names) {
    const path = join(folder, name);
    yield path;
    if (lstatSync(path).isDirectory()) yield* walk(path);
  }
}

function read(root: string, path: string): { entry: TreeEntry; bytes?: Buffer } {
  const name = relative(root, path);
  const status = lstatSync(path);
  if (status.isDirectory()) return { entry: { type: 'folder', path: name } };
  if (status.isSymbolicLink()) {
    return { entry: { type: 'link', path: name, target: readlinkSync(path) } };
  }
  if (!status.isFile()) {
    throw new Failure('WORKSPACE_FILE_ODD', `${path} is no file, folder or link; leave it out`);
  }
  if (status.size > MOST_BYTES) {
    throw new Failure(
      'WORKSPACE_FILE_TOO_LARGE',
      `expected files of at most ${MOST_BYTES} bytes, found ${path} of ${status.size}; leave it out, or split it`,
    );
  }
  const bytes = readFileSync(path);
  const mode = (status.mode & 0o111) === 0 ? 0o644 : 0o755;
  const digest = digestOf(bytes);
  return { entry: { type: 'file', path: name, mode, size: bytes.byteLength, digest }, bytes };
}

function unreadable(path: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure('WORKSPACE_UNREADABLE', `cannot read ${path}: ${why}`);
}
