import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LogFault } from '@physiclaw/proof';
import { expect, onTestFinished, test } from 'vitest';
import { snapshotOf, verifyFolder } from '#appliance/cli/log/log-folder.ts';
import { entries, MemoryLog, vkey } from '#test/appliance/proof/log/memory-log.ts';

function folderOf(size: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'log-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, new MemoryLog(entries(size)).files);
  return folder;
}

function write(folder: string, files: Iterable<[string, Uint8Array]>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

test('a log that lies still is checked once and to the byte', async () => {
  expect(await verifyFolder(folderOf(300), { vkey })).toMatchObject({
    size: 300,
    files: expect.any(Number),
  });
});

test('a fault that stays is told, with its file and its first entry', async () => {
  const folder = folderOf(300);
  const path = join(folder, 'tile/entries/000');
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);

  await expect(verifyFolder(folder, { vkey })).rejects.toMatchObject({
    name: 'LogFault',
    file: 'tile/entries/000',
    index: 0,
  });
});

test('a batch that is on its way to the disk is waited for', async () => {
  const folder = folderOf(3);
  const { files } = new MemoryLog(entries(5));
  const [partial, rest] = [[...files].slice(0, 1), [...files].slice(1)];
  write(folder, partial);
  const verified = verifyFolder(folder, { vkey });
  await setTimeout(20);
  rmSync(join(folder, 'tile'), { recursive: true });
  write(folder, [...partial, ...rest]);

  expect(await verified).toMatchObject({ size: 5 });
});

test('a snapshot holds what the next batch takes away', () => {
  const folder = folderOf(3);
  const source = snapshotOf(folder);
  rmSync(join(folder, 'tile'), { recursive: true });

  expect(source.read('tile/0/000.p/3')).toHaveLength(96);
  expect(snapshotOf(folder).mark).not.toBe(source.mark);
});

test('a file too many is a fault', async () => {
  const folder = folderOf(3);
  writeFileSync(join(folder, 'notes.txt'), '');

  await expect(verifyFolder(folder, { vkey })).rejects.toBeInstanceOf(LogFault);
});

test('a folder that is not there is no fault of a log', async () => {
  await expect(verifyFolder('/nowhere/log', { vkey })).rejects.toMatchObject({
    code: 'LOG_MISSING',
  });
});
