import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareLog, tailOf } from '../../../appliance/stack/log-file.ts';
import { ownUid } from '../../../appliance/stack/users.ts';

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  file = join(folder, 'audit.log');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a log that has grown large is begun anew, and kept once more', () => {
  writeFileSync(file, '');
  truncateSync(file, 8 * 1024 * 1024 + 1);
  prepareLog(file);

  expect(statSync(file).size).toBe(0);
  expect(statSync(`${file}.1`).size).toBe(8 * 1024 * 1024 + 1);
});

test('a small log goes on, and one that is not there is no error', () => {
  prepareLog(file);
  writeFileSync(file, 'one\n');
  prepareLog(file);

  expect(readFileSync(file, 'utf8')).toBe('one\n');
});

test.runIf(ownUid() === 0)('the owner of the stack can read it, and nobody else', () => {
  prepareLog(file, 4711);

  expect(statSync(file)).toMatchObject({ uid: 4711 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('the tail is the last lines of this run', () => {
  const before = 'of an earlier run\n';
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  writeFileSync(file, `${before}${lines.join('\n')}\n`);

  expect(tailOf(file, before.length).split('\n')).toEqual(lines.slice(-12));
});

test('a long line is cut, and a run that wrote nothing says so', () => {
  writeFileSync(file, `${'x'.repeat(10_000)}\n`);

  expect(tailOf(file).length).toBeLessThan(1000);
  expect(tailOf(file, 10_001)).toBe('nothing was written');
});
