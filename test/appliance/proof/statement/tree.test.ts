import type { TreeEntry } from '@physiclaw/contracts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize, digestOf, readTree, treeText } from '@physiclaw/proof';

const refused = expect.objectContaining({ code: 'PROOF_TREE_INVALID' });
const file = (path: string): TreeEntry => ({
  type: 'file',
  path,
  mode: 0o644,
  size: 3,
  digest: digestOf('abc'),
});
const link = (path: string): TreeEntry => ({ type: 'link', path, target: 'elsewhere' });
const folder = (path: string): TreeEntry => ({ type: 'folder', path });

describe('a tree manifest', () => {
  test('is the same text whatever the order of its entries', () => {
    const entries = [file('a'), file('a-b'), folder('c'), file('c/d'), link('c/e'), file('é')];
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(treeText(shuffled)).toBe(treeText(entries));
      }),
    );
  });

  test('is sorted by the code units of the paths', () => {
    // U+FB33 comes before U+1F600 by code point, and after its first surrogate by code unit.
    const paths = ['B', 'a', 'a-b', 'a.b', 'z', '\u{1f600}', '\ufb33'];
    const manifest = readTree(treeText(paths.toReversed().map(file)));
    expect(manifest.entries.map(({ path }) => path)).toEqual(paths);
  });

  test('has one text, that of no entries too', () => {
    const entries = [file('a'), folder('b')];
    expect(digestOf(treeText(entries))).toBe(digestOf(treeText(entries.toReversed())));
    expect(treeText([])).toBe('{"entries":[],"version":1}');
  });

  test('does not change what it is given', () => {
    const entries = [file('b'), file('a')];
    treeText(entries);
    expect(entries.map(({ path }) => path)).toEqual(['b', 'a']);
  });

  test('may hold something in a folder that it lists or does not list', () => {
    expect(readTree(treeText([folder('a'), file('a/b/c')])).entries).toHaveLength(2);
  });

  test.each([
    ['a path given twice', [file('a'), folder('a')]],
    ['a path below a file', [file('a'), file('a/b')]],
    ['a path deep below a file', [file('a'), file('a/b/c')]],
    ['a path below a link', [link('a/b'), file('a/b/c')]],
    ['a folder below a link', [folder('a/b'), link('a')]],
  ])('with %s is refused', (_, entries) => {
    expect(() => treeText(entries)).toThrow(refused);
    const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(() => readTree(canonicalize({ version: 1, entries: sorted }))).toThrow(refused);
  });

  test.each([
    ['entries out of order', canonicalize({ version: 1, entries: [file('b'), file('a')] })],
    ['another version', canonicalize({ version: 2, entries: [] })],
    ['a path that leaves it', canonicalize({ version: 1, entries: [file('../a')] })],
    ['an absolute path', canonicalize({ version: 1, entries: [file('/a')] })],
    ['another mode', canonicalize({ version: 1, entries: [{ ...file('a'), mode: 0o4755 }] })],
    ['a space', '{"entries": [],"version":1}'],
    ['no JSON', 'entries'],
  ])('with %s cannot be read', (_, text) => {
    expect(() => readTree(text)).toThrow(refused);
  });
});
