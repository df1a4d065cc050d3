import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderSizes } from '#services/tools/actuators/disk-usage/folders.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'folders-'));
  for (const folder of ['a', 'b']) {
    mkdirSync(join(root, folder));
    for (const name of ['1', '2', '3']) writeFileSync(join(root, folder, name), 'x');
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test('a folder for which there was no room left is named, also where the list cuts it', () => {
  const sizes = new FolderSizes(root, 4);
  for (const path of ['/a', '/b']) sizes.add(path);

  expect(sizes.largest(1)).toMatchObject([{ path: '/a', complete: true }]);
  expect(sizes.notChecked).toEqual([{ what: '/b, in part', why: 'too many files' }]);
});

test('what the kernel refuses to look at is not counted, and all else is', () => {
  const deep = `/${'d'.repeat(250)}`.repeat(10);
  mkdirSync(join(root, 'a', deep), { recursive: true });
  mkdirSync(join(root, 'b', deep), { recursive: true });
  // Together longer than any path that the kernel takes.
  renameSync(join(root, 'b', deep.slice(0, 251)), join(root, 'a', deep, 'e'));
  const sizes = new FolderSizes(root);
  sizes.add('/a');

  expect(sizes.largest(1)).toMatchObject([{ path: '/a', files: 3, complete: false }]);
  expect(sizes.notChecked).toMatchObject([{ why: 'ENAMETOOLONG' }]);
  renameSync(join(root, 'a', deep, 'e'), join(root, 'b', 'e'));
});

test('of very many complaints the first are told, and how many there were beyond', () => {
  const sizes = new FolderSizes(root);
  for (let at = 0; at < 25; at += 1) sizes.add(`/missing-${at}`);

  expect(sizes.notChecked).toHaveLength(21);
  expect(sizes.notChecked.at(-1)).toEqual({ what: '5 further places', why: 'too many to name' });
});
