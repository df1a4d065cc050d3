import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TreeEntry } from '@physiclaw/contracts';
import type { BlobStore, Database } from '@physiclaw/platform';
import { digestOf, readTree, treeText } from '@physiclaw/proof';
import { TREE_LIMITS } from '@physiclaw/sandbox';
import { demand, ToolsError } from '../errors.ts';

export const WORKSPACE_TABLES = `
  CREATE TABLE workspace (
    session TEXT PRIMARY KEY, head TEXT NOT NULL, head_index INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE tree (session TEXT, digest TEXT, PRIMARY KEY (session, digest)) STRICT;
  CREATE TABLE blob (
    session TEXT, digest TEXT, size INTEGER NOT NULL, PRIMARY KEY (session, digest)
  ) STRICT;
`;

const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;

/**
 * Each session's chain of immutable trees, and whose bytes are whose: to know a digest is not to
 * own what it names. Who can write this database can show one session the files of another; the
 * digests in intents and in the log still say which bytes an act saw.
 */
export class Workspaces {
  readonly #db: Database;
  readonly #blobs: BlobStore;
  #last: { digest: string; entries: readonly TreeEntry[] } | undefined;

  constructor(db: Database, blobs: BlobStore) {
    this.#db = db;
    this.#blobs = blobs;
  }

  /** @throws ToolsError TOOLS_BLOB_MISMATCH; TOOLS_SESSION_EXISTS once the workspace is open. */
  async receive(session: string, digest: string, bytes: Uint8Array): Promise<void> {
    this.#demandClosed(session);
    demand(digestOf(bytes) === digest, 'TOOLS_BLOB_MISMATCH', `expected bytes of ${digest}`);
    await this.keep(session, bytes);
  }

  /** Stores bytes that this session sent or produced, and so may read and name. */
  async keep(session: string, bytes: Uint8Array): Promise<string> {
    const digest = await this.#blobs.put(bytes);
    this.#run('INSERT OR IGNORE INTO blob VALUES (?, ?, ?)', [session, digest, bytes.length]);
    return digest;
  }

  /**
   * Makes the session's first tree.
   *
   * @throws ToolsError TOOLS_SESSION_EXISTS; TOOLS_BLOB_UNKNOWN for a file that this session did
   * not send; TOOLS_TREE_INVALID.
   */
  async open(session: string, entries: readonly TreeEntry[]): Promise<string> {
    this.#demandClosed(session);
    const tree = await this.store(session, entries);
    this.#demandClosed(session);
    this.#run('INSERT INTO workspace VALUES (?, ?, -2)', [session, tree]);
    this.advance(session, tree, -1);
    return tree;
  }

  /** Stores a tree's manifest; it becomes part of the chain when `advance` names it. */
  async store(session: string, entries: readonly TreeEntry[]): Promise<string> {
    const files = entries.filter((entry) => entry.type === 'file');
    for (const { path, digest, size } of files) {
      const owned = this.#sizeOf(session, digest) === size;
      demand(owned, 'TOOLS_BLOB_UNKNOWN', `${path} names bytes that are not the session's`);
    }
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const { entries: most, totalBytes } = TREE_LIMITS;
    const message = `expected at most ${most} entries and ${totalBytes} bytes, got ${entries.length} and ${bytes}: take some out`;
    demand(entries.length <= most && bytes <= totalBytes, 'TOOLS_TREE_INVALID', message);
    const text = ToolsError.attempt('TOOLS_TREE_INVALID', () => treeText(entries));
    return this.keep(session, new TextEncoder().encode(text));
  }

  /** The head after the entry at this index; an older entry never moves it back. */
  advance(session: string, tree: string, index: number): void {
    this.#db.transaction(() => {
      const move =
        'UPDATE workspace SET head = ?, head_index = ? WHERE session = ? AND head_index < ?';
      if (this.#run(move, [tree, index, session, index]) === 0) return;
      this.#run('INSERT OR IGNORE INTO tree VALUES (?, ?)', [session, tree]);
    })();
  }

  has(session: string): boolean {
    return this.#head(session) !== undefined;
  }

  /** @throws ToolsError TOOLS_SESSION_UNKNOWN */
  head(session: string): string {
    const head = this.#head(session);
    demand(head !== undefined, 'TOOLS_SESSION_UNKNOWN', `${session} has no workspace here`);
    return head;
  }

  /** Whether the tree was ever a state of this session's workspace. */
  chained(session: string, tree: string): boolean {
    const find = 'SELECT 1 FROM tree WHERE session = ? AND digest = ?';
    return this.#db.prepare(find).get(session, tree) !== undefined;
  }

  /** The entries of a stored tree. Whoever asks has made sure that the session may see it. */
  async tree(digest: string): Promise<readonly TreeEntry[]> {
    if (this.#last?.digest === digest) return this.#last.entries;
    const { entries } = readTree(new TextDecoder().decode(await this.#get(digest)));
    this.#last = { digest, entries };
    return entries;
  }

  /** @throws ToolsError TOOLS_BLOB_UNKNOWN for bytes that are damaged or not this session's. */
  async read(session: string, digest: string): Promise<Uint8Array> {
    const owned = this.#sizeOf(session, digest) !== undefined;
    demand(owned, 'TOOLS_BLOB_UNKNOWN', `${session} has no bytes ${digest}`);
    return this.#get(digest);
  }

  /** The file that holds the bytes, for the lay-out of a tree. */
  path(digest: string): string {
    return this.#blobs.path(digest);
  }

  async #get(digest: string): Promise<Uint8Array> {
    return this.#blobs.get(digest).catch((cause: unknown) => {
      throw new ToolsError('TOOLS_BLOB_UNKNOWN', `the bytes of ${digest} are damaged`, { cause });
    });
  }

  #demandClosed(session: string): void {
    demand(!this.has(session), 'TOOLS_SESSION_EXISTS', `${session} has its first tree already`);
  }

  #head(session: string): string | undefined {
    const find = 'SELECT head FROM workspace WHERE session = ?';
    return this.#db.prepare<[string], { head: string }>(find).get(session)?.head;
  }

  #sizeOf(session: string, digest: string): number | undefined {
    const find = 'SELECT size FROM blob WHERE session = ? AND digest = ?';
    return this.#db.prepare<string[], { size: number }>(find).get(session, digest)?.size;
  }

  #run(sql: string, values: readonly (string | number)[]): number {
    return this.#db.prepare(sql).run(...values).changes;
  }
}

/**
 * Writes a copy of a tree into a folder that this call makes. Copies, no hard links: whoever writes
 * into the copy must not reach the stored bytes. Links come last, so that none is written through.
 *
 * @throws ToolsError TOOLS_BLOB_UNKNOWN when stored bytes are not those that the tree names.
 */
export async function layOut(
  entries: readonly TreeEntry[],
  folder: string,
  pathOf: (digest: string) => string,
): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  for (const { type, path } of entries) {
    const needed = join(folder, type === 'folder' ? path : dirname(path));
    await mkdir(needed, { recursive: true, mode: 0o755 });
  }
  for (const entry of entries) {
    if (entry.type !== 'file') continue;
    const path = join(folder, entry.path);
    await copyFile(pathOf(entry.digest), path, COPYFILE_EXCL | COPYFILE_FICLONE);
    const same = digestOf(await readFile(path)) === entry.digest;
    demand(same, 'TOOLS_BLOB_UNKNOWN', `the stored bytes of ${entry.path} are damaged`);
    await chmod(path, entry.mode);
  }
  for (const entry of entries) {
    if (entry.type === 'link') await symlink(entry.target, join(folder, entry.path));
  }
}
