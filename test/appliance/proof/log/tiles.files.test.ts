import { fileAt, firstEntryOf, logFiles, sizeFor } from '@physiclaw/proof';
import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';

const paths = (size: number) => [...logFiles(size)].map(({ path }) => path);

test('a log without entries has no file beside its checkpoint', () => {
  expect(paths(0)).toEqual([]);
});

test('a log of 70,000 entries has the tiles that tlog-tiles names', () => {
  const found = paths(70_000);

  expect(found).toContain('tile/0/272');
  expect(found).toContain('tile/0/273.p/112');
  expect(found).toContain('tile/entries/273.p/112');
  expect(found).toContain('tile/1/000');
  expect(found).toContain('tile/1/001.p/17');
  expect(found).toContain('tile/2/000.p/1');
  expect(found).toHaveLength(2 * 274 + 2 + 1);
});

test('a tree of exactly one full tile names it on the level above', () => {
  expect(paths(256)).toEqual(['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']);
});

test('every file of a log is found again by its path', () => {
  assert(
    property(integer({ min: 1, max: 300_000 }), (size) => {
      for (const file of logFiles(size)) {
        expect(fileAt(file.path)).toEqual(file);
        expect(sizeFor(file)).toBeLessThanOrEqual(size);
        expect(firstEntryOf(file)).toBeLessThan(size);
      }
    }),
    { numRuns: 5 },
  );
});

test('an index beyond 999 is written in groups', () => {
  expect(fileAt('tile/entries/x001/x234/067')).toMatchObject({ index: 1_234_067, width: 256 });
});

test.each([
  '',
  'checkpoint',
  'tile/0/0',
  'tile/00/000',
  'tile/64/000',
  'tile/0/x000/001',
  'tile/0/000.p/0',
  'tile/0/000.p/01',
  'tile/0/000.p/256',
  'tile/0/000.p/257',
  'tile/0/000.p/1.tmp',
  'tile/0/../0/000',
  '/tile/0/000',
  'tile/0/000/',
  'tile/entries/1000',
])('%j is no file of a log', (path) => {
  expect(fileAt(path)).toBeUndefined();
});
