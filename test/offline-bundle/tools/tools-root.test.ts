import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOfList } from '#offline-bundle/lock/wanted.ts';
import { toolsRoot } from '#offline-bundle/tools/tools-root.ts';

test('a root that was made for the same list is used again, and is the current one', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'physiclaw-tools-'));
  try {
    for (const list of [['a', 'b'], ['c']]) {
      const root = join(cache, 'tools', digestOfList('trixie', list).slice(0, 16));
      mkdirSync(root, { recursive: true });

      expect(await toolsRoot(cache, 'trixie', list.toReversed())).toBe(root);
      expect(readlinkSync(join(cache, 'tools/current'))).toBe(basename(root));
      expect(existsSync(`${root}.draft`)).toBe(false);
    }
  } finally {
    rmSync(cache, { recursive: true });
  }
});
