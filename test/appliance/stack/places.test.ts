import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownUid } from '../../../appliance/stack/users.ts';

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

test.runIf(ownUid() === 0)('everybody finds the run folder of whom the home belongs to', () => {
  const ofRoot = placesOf(folder).run;
  chownSync(folder, 4711, 4711);

  expect(ofRoot).toMatch(/^\/run\/physiclaw-[0-9a-f]{8}$/);
  expect(placesOf(folder).run).toMatch(/^\/(tmp|run\/user\/4711)\/physiclaw-4711-[0-9a-f]{8}$/);
});

test('all but the run folder lies in the home', () => {
  const { run, stateFile, cliSocket, ...others } = placesOf(folder);

  expect([stateFile, cliSocket]).toEqual([`${run}/stack.json`, `${run}/cli.sock`]);
  expect(Object.values(others).filter((path) => !path.startsWith(folder))).toEqual([]);
});
