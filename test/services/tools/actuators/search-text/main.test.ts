import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench, rows } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  bench.put('a.txt', 'one\ntwo a.c\n');
  bench.put('b/c.txt', 'abc\na.c\n');
  bench.put('binary', Buffer.from('a.c\0'));
  bench.put('slow.txt', `${'a'.repeat(40)}!\n`);
  symlinkSync('/usr/share', join(bench.rig.workspace, 'share'));
});
afterAll(() => bench[Symbol.asyncDispose]());

const found = async (given: object) => {
  const matches = rows(await bench.act('search_text', given), 'matches');
  return matches.map((match) => [match['path'], match['line']]);
};

test('finds a text as it is written, by file and line', async () => {
  expect(await found({ pattern: 'a.c' })).toEqual([
    ['a.txt', 2],
    ['b/c.txt', 2],
  ]);
});

test('finds what an expression describes', async () => {
  expect(await found({ pattern: '^a.c$', regex: true })).toEqual([
    ['b/c.txt', 1],
    ['b/c.txt', 2],
  ]);
});

test('looks below the given folder only', async () => {
  expect(await found({ pattern: 'a.c', path: 'b' })).toEqual([['b/c.txt', 2]]);
});

test('says how many files it searched, follows no link and opens no binary', async () => {
  const { structured } = await bench.act('search_text', { pattern: 'nowhere' });

  expect(structured).toMatchObject({ filesSearched: 3, filesSkipped: 1, truncated: false });
});

test('more matches than an answer carries are cut, and it says so', async () => {
  bench.put('many/x.txt', 'needle\n'.repeat(600));
  const { structured } = await bench.act('search_text', { pattern: 'needle', path: 'many' });

  expect(structured['matches']).toHaveLength(500);
  expect(structured['truncated']).toBe(true);
});

test('an expression that takes too long for a file ends the search, which says so', async () => {
  const { isError, text } = await bench.act('search_text', {
    pattern: '^(a+)+$',
    regex: true,
    path: 'slow.txt',
  });

  expect({ isError, text }).toEqual({
    isError: true,
    text: 'the expression took more than 2 s for slow.txt: make it simpler, or name another path',
  });
});

test('a path that is not there is an answer', async () => {
  const { isError, text } = await bench.act('search_text', { pattern: 'a', path: 'none' });

  expect({ isError, text }).toEqual({
    isError: true,
    text: 'the workspace has no none: list_dir names what it has',
  });
});
