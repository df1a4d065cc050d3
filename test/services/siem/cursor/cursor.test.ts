import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Frontier } from '@physiclaw/proof';
import { expect, onTestFinished, test } from 'vitest';
import { Cursor } from '#services/siem/cursor/cursor.ts';

function pathOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cursor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'cursor');
}

function at(size: number): string {
  const frontier = new Frontier();
  for (let n = 0; n < size; n += 1) frontier.add(new Uint8Array(32).fill(n));
  return String(frontier);
}

test('it begins before the first entry', () => {
  const cursor = new Cursor(pathOf());

  expect([cursor.size, cursor.sent, cursor.position]).toEqual([0, 0, at(0)]);
});

test('what was sent and not passed is sent again after a break', () => {
  const cursor = new Cursor(pathOf());
  for (const size of [3, 5, 9]) cursor.add(at(size));
  cursor.pass(6);

  expect([cursor.size, cursor.sent]).toEqual([5, 9]);
  cursor.rewind();
  expect([cursor.sent, cursor.position]).toEqual([5, at(5)]);
});

test('it stops at the end of a page: the hashes of other places are not known', () => {
  const cursor = new Cursor(pathOf());
  cursor.add(at(4));
  cursor.pass(3);

  expect(cursor.size).toBe(0);
  cursor.pass(4);
  expect(cursor.size).toBe(4);
});

test('the place that was saved is the one of the next start', async () => {
  const path = pathOf();
  const cursor = new Cursor(path);
  for (const size of [3, 5]) cursor.add(at(size));
  cursor.pass(3);
  await cursor.save();

  expect([new Cursor(path).size, new Cursor(path).sent]).toEqual([3, 3]);
  expect(readFileSync(path, 'utf8')).toBe(at(3));
});

test('nothing is written that is there already', async () => {
  const path = pathOf();
  await new Cursor(path).save();

  expect(existsSync(path)).toBe(false);
});

test('a file that is no cursor is named, and what to do', () => {
  const path = pathOf();
  writeFileSync(path, '12');

  expect(() => new Cursor(path)).toThrow(`${path}, found something else; remove the file`);
});
