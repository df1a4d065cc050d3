import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeEntry } from '@physiclaw/contracts';
import { BlobStore, type Database, openDatabase } from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WORKSPACE_TABLES, Workspaces } from '#services/tools/workspace/workspaces.ts';
import { OTHER_SESSION, SESSION } from '../world.ts';

let folder: string;
let db: Database;
let workspaces: Workspaces;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workspaces-'));
  db = openDatabase(join(folder, 'tools.db'), [WORKSPACE_TABLES]);
  workspaces = new Workspaces(db, new BlobStore(join(folder, 'blobs')));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const bytes = new TextEncoder().encode('secret');
const digest = digestOf(bytes);
const file: TreeEntry = { type: 'file', path: 'a', mode: 0o644, size: bytes.length, digest };
const refused = (code: string) => expect.objectContaining({ code });

describe('bytes', () => {
  test('that are not those of their digest are refused', async () => {
    await expect(workspaces.receive(SESSION, 'a'.repeat(64), bytes)).rejects.toThrow(
      refused('TOOLS_BLOB_MISMATCH'),
    );
  });

  test('are read by the session that sent them, and by no other that knows their digest', async () => {
    await workspaces.receive(SESSION, digest, bytes);

    expect(Buffer.from(await workspaces.read(SESSION, digest)).toString()).toBe('secret');
    await expect(workspaces.read(OTHER_SESSION, digest)).rejects.toThrow(
      refused('TOOLS_BLOB_UNKNOWN'),
    );
  });

  test('are taken until the workspace is open', async () => {
    await workspaces.open(SESSION, []);

    await expect(workspaces.receive(SESSION, digest, bytes)).rejects.toThrow(
      refused('TOOLS_SESSION_EXISTS'),
    );
  });
});

describe('a first tree', () => {
  test('is made once', async () => {
    const tree = await workspaces.open(SESSION, []);

    expect(workspaces.head(SESSION)).toBe(tree);
    await expect(workspaces.open(SESSION, [])).rejects.toThrow(refused('TOOLS_SESSION_EXISTS'));
  });

  test('names no bytes of another session', async () => {
    await workspaces.receive(OTHER_SESSION, digest, bytes);

    await expect(workspaces.open(SESSION, [file])).rejects.toThrow(refused('TOOLS_BLOB_UNKNOWN'));
  });

  test('does not lie about a size', async () => {
    await workspaces.receive(SESSION, digest, bytes);

    await expect(workspaces.open(SESSION, [{ ...file, size: 1 }])).rejects.toThrow(
      refused('TOOLS_BLOB_UNKNOWN'),
    );
  });

  test.each<[string, TreeEntry[]]>([
    ['names a path twice', [file, file]],
    [
      'puts a file below a link',
      [
        { type: 'link', path: 'l', target: '/etc' },
        { ...file, path: 'l/a' },
      ],
    ],
  ])('that %s is refused', async (_how, entries) => {
    await workspaces.receive(SESSION, digest, bytes);

    await expect(workspaces.open(SESSION, entries)).rejects.toThrow(refused('TOOLS_TREE_INVALID'));
  });

  test('of more entries than a tree may have is refused', async () => {
    const entries = Array.from({ length: 20_001 }, (_, at) => ({
      type: 'folder' as const,
      path: `${at}`,
    }));

    await expect(workspaces.open(SESSION, entries)).rejects.toThrow(refused('TOOLS_TREE_INVALID'));
  });
});

test('a tree of more bytes than a tree may have is refused, also where they are the same', async () => {
  const mebibyte = new Uint8Array(1024 * 1024);
  const same = { type: 'file', mode: 0o644, size: mebibyte.length } as const;
  await workspaces.receive(SESSION, digestOf(mebibyte), mebibyte);
  const entries = Array.from({ length: 513 }, (_, at) => ({
    ...same,
    path: `${at}`,
    digest: digestOf(mebibyte),
  }));

  await expect(workspaces.open(SESSION, entries)).rejects.toThrow(
    expect.objectContaining({
      code: 'TOOLS_TREE_INVALID',
      message:
        'expected at most 20000 entries and 536870912 bytes, got 513 and 537919488: take some out',
    }),
  );
  await expect(workspaces.open(SESSION, entries.slice(1))).resolves.toBeDefined();
});

describe('the chain', () => {
  test('follows the log, and an older entry never moves it back', async () => {
    await workspaces.open(SESSION, []);
    const tree = await workspaces.store(SESSION, [{ type: 'folder', path: 'a' }]);
    workspaces.advance(SESSION, tree, 7);
    workspaces.advance(SESSION, 'a'.repeat(64), 6);

    expect(workspaces.head(SESSION)).toBe(tree);
    expect(workspaces.chained(SESSION, tree)).toBe(true);
    expect(workspaces.chained(SESSION, 'a'.repeat(64))).toBe(false);
    expect(workspaces.chained(OTHER_SESSION, tree)).toBe(false);
  });

  test('gives back the entries of each of its trees', async () => {
    await workspaces.receive(SESSION, digest, bytes);
    const tree = await workspaces.open(SESSION, [file]);

    expect(await workspaces.tree(tree)).toEqual([file]);
    expect(await workspaces.tree(tree)).toEqual([file]);
  });

  test('of a session that nobody opened has no head', () => {
    expect(() => workspaces.head(SESSION)).toThrow(refused('TOOLS_SESSION_UNKNOWN'));
  });
});
