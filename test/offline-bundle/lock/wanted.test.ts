import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfList, readWanted } from '#offline-bundle/lock/wanted.ts';

const invalid = expect.objectContaining({ code: 'BUNDLE_WANTED_INVALID' });
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-wanted-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('what this repository wants can be read', () => {
  expect(readWanted('offline-bundle/bundle.yaml').packages).toContain('systemd');
});

test.each([
  ['no YAML', '{'],
  ['no list', 'suite: trixie'],
  [
    'an option in place of a name',
    'suite: trixie\npackages: [--force]\nimage: a\nskills: a\npolicies: a\ntools: [a]',
  ],
  [
    'a folder elsewhere',
    'suite: trixie\npackages: [a1]\nimage: ../a\nskills: a\npolicies: a\ntools: [a1]',
  ],
])('%s is refused', (_, text) => {
  const file = join(folder, 'bundle.yaml');
  writeFileSync(file, text);

  expect(() => readWanted(file)).toThrow(invalid);
});

test('a file that is not there is refused', () => {
  expect(() => readWanted(join(folder, 'absent'))).toThrow(invalid);
});

test('a list is the same in another order, and another with one more', () => {
  expect(digestOfList('trixie', ['a', 'b'])).toBe(digestOfList('trixie', ['b', 'a', 'a']));
  expect(digestOfList('trixie', ['a', 'b'])).not.toBe(digestOfList('trixie', ['a', 'b', 'c']));
  expect(digestOfList('trixie', ['a'])).not.toBe(digestOfList('sid', ['a']));
});
