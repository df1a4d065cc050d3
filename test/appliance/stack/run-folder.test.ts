import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Places, placesOf } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  makeInRun,
  openRun,
  prepareRun,
  removeRun,
  writeSlices,
} from '../../../appliance/stack/run-folder.ts';
import { ownUid } from '../../../appliance/stack/users.ts';

let folder = '';
let places: Places;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'run-')));
  places = { ...placesOf(folder), run: join(folder, 'run') };
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a run folder is the own user’s alone until it is opened', () => {
  prepareRun(places);
  prepareRun(places);

  expect(modeOf(places.run)).toBe('700');
});

test('a folder that is opened to a group lets nobody remove what another one made', () => {
  prepareRun(places);
  openRun(places, process.getgid?.());

  expect(modeOf(places.run)).toBe('1771');
  openRun(places);
  expect(modeOf(places.run)).toBe('700');
});

test('a link in its place is refused', () => {
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync('elsewhere', places.run);

  expect(() => prepareRun(places)).toThrow(expect.objectContaining({ code: 'STACK_RUN_FOREIGN' }));
});

test.runIf(ownUid() === 0)('a folder that somebody else made is refused', () => {
  mkdirSync(places.run);
  chownSync(places.run, 1234, 1234);

  expect(() => prepareRun(places)).toThrow(expect.objectContaining({ code: 'STACK_RUN_FOREIGN' }));
});

test('a slice can be read by its service alone, and is replaced at the next start', () => {
  prepareRun(places);
  writeSlices(places, { audit: { reserveBytes: 1 } }, ownUid);
  writeSlices(places, { audit: { reserveBytes: 2 } }, ownUid);
  const path = join(places.run, 'config/audit.json');

  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ reserveBytes: 2 });
  expect(modeOf(path)).toBe('400');
  expect(modeOf(join(places.run, 'config'))).toBe('711');
});

test('what a stack left is removed, with the folder', () => {
  prepareRun(places);
  makeInRun(places, 'home', 0o755);
  mkdirSync(join(places.run, 'credentials/audit'), { recursive: true });
  for (const name of ['credentials/audit/log-key', 'stack.json', 'audit.sock']) {
    writeFileSync(join(places.run, name), '');
  }
  removeRun(places);
  removeRun(places);

  expect(existsSync(places.run)).toBe(false);
});

test('what is still mounted in it is not emptied', () => {
  prepareRun(places);
  const home = makeInRun(places, 'home', 0o755);
  writeFileSync(join(home, 'config.yaml'), '');
  removeRun(places);

  expect(existsSync(join(home, 'config.yaml'))).toBe(true);
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}
