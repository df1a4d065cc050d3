import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'places-')));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the run folder is short enough for sockets, however long the home is', () => {
  const { run } = placesOf(join(folder, 'x'.repeat(200), 'y'.repeat(200)));

  expect(`${run}/workload.sock`.length).toBeLessThan(100);
});

test('each home has a run folder of its own', () => {
  expect(placesOf(join(folder, 'a')).run).not.toBe(placesOf(join(folder, 'b')).run);
});

test('a home has one run folder, by whatever name it is called, before and after it is made', () => {
  const home = join(folder, 'real', 'home');
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  const before = placesOf(join(folder, 'link/home'));
  mkdirSync(home);

  expect(before).toEqual(placesOf(home));
  expect(placesOf(join(folder, 'link/../real/home/.'))).toEqual(before);
});

test('all but the run folder lies in the home', () => {
  const { run, stateFile, cliSocket, ...others } = placesOf(folder);

  expect([stateFile, cliSocket]).toEqual([`${run}/stack.json`, `${run}/cli.sock`]);
  expect(Object.values(others).filter((path) => !path.startsWith(folder))).toEqual([]);
});
