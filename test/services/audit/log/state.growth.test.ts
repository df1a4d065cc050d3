import { LogTree, logFiles } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { grow, type LogState } from '#services/audit/log/state.ts';

const leaf = (n: number) => new TextEncoder().encode(String(n));
const leaves = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => leaf(from + n));
const empty: LogState = { tree: new LogTree(), bundle: [], checkpoint: '' };
const grown = (size: number): LogState => ({ ...grow(empty, leaves(0, size)), checkpoint: '' });
const names = (size: number) => [...logFiles(size)].map(({ path }) => path).toSorted();

test.each([
  [0, 1],
  [0, 256],
  [1, 2],
  [250, 506],
  [255, 256],
  [256, 257],
  [300, 556],
  [511, 513],
])('from %i entries to %i, exactly the files that change are written', (from, to) => {
  const { files, superseded } = grow(grown(from), leaves(from, to));

  const kept = names(from).filter((path) => !superseded.includes(path));
  expect([...kept, ...files.keys()].toSorted()).toEqual(names(to));
  expect(kept.filter((path) => files.has(path))).toEqual([]);
});

test('the same entries in one batch or in many make the same log', () => {
  let state = empty;
  const files = new Map<string, Uint8Array>();
  for (let n = 0; n < 600; n += 7) {
    const growth = grow(state, leaves(n, Math.min(600, n + 7)));
    for (const path of growth.superseded) files.delete(path);
    for (const [path, bytes] of growth.files) files.set(path, bytes);
    state = { ...growth, checkpoint: '' };
  }

  const whole = grow(empty, leaves(0, 600));
  expect(state.tree.root).toEqual(whole.tree.root);
  expect(files).toEqual(whole.files);
});

test('the log before is left as it was, so that a batch can fail', () => {
  const before = grown(300);
  const { root } = before.tree;

  grow(before, leaves(300, 600));

  expect(before.tree.root).toEqual(root);
  expect(before.bundle).toHaveLength(44);
});
