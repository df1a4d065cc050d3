import {
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepLogsSmall, prepareLog, tailOf } from '../../../appliance/stack/log-file.ts';
import { ownUid } from '../../../appliance/stack/users.ts';

let folder = '';
let file = '';
let keeper: Disposable | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  file = join(folder, 'audit.log');
});

afterEach(() => {
  keeper?.[Symbol.dispose]();
  keeper = undefined;
  rmSync(folder, { recursive: true });
});

test('a log that has grown large is begun anew, and kept once more', () => {
  makeLarge(file);
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

test('a log that grows large is begun anew under its writer, who goes on', async () => {
  const writer = openSync(file, 'a');
  truncateSync(file, 8 * 1024 * 1024);
  keeper = keepLogsSmall([file, join(folder, 'absent.log')], 10);
  writeSync(writer, 'the last before\n');
  await expect.poll(() => statSync(file).size).toBe(0);
  writeSync(writer, 'the first after\n');
  closeSync(writer);

  expect(readFileSync(`${file}.1`, 'utf8').endsWith('the last before\n')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('the first after\n');
  expect(tailOf(file, 8 * 1024 * 1024)).toBe('the first after');
});

test('a log that cannot be kept is not cut either', async () => {
  mkdirSync(`${file}.1`);
  const other = join(folder, 'identity.log');
  for (const path of [file, other]) makeLarge(path);
  keeper = keepLogsSmall([file, other], 10);
  await expect.poll(() => statSync(other).size).toBe(0);

  expect(statSync(file).size).toBe(8 * 1024 * 1024 + 1);
});

test.runIf(ownUid() === 0)('what was begun anew belongs to whom the log belongs', async () => {
  makeLarge(file);
  chownSync(file, 4711, 0);
  keeper = keepLogsSmall([file], 10);

  await expect.poll(() => statSync(`${file}.1`).uid).toBe(4711);
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

function makeLarge(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 8 * 1024 * 1024 + 1);
}
