import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectBundle } from '#offline-bundle/verify/inspect.ts';
import { writeSmall } from '#test/bundle/small/bundle.ts';

test('a bundle tells what it holds without a key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'physiclaw-inspect-'));
  try {
    const { file, manifest } = await writeSmall(folder);

    expect(await inspectBundle(file)).toEqual(manifest);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
