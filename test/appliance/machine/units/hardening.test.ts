import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unitTree } from '@physiclaw/machine';
import { expect, onTestFinished, test } from 'vitest';

const ANALYZE = '/usr/bin/systemd-analyze';

/** How exposed each of our units is, as systemd judges: 0 for not at all, 10 for as it comes. */
async function exposures(): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const found = new Map<string, number>();
  for (const [path, text] of unitTree()) {
    if (!path.endsWith('.service')) continue;
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    const { stdout } = await promisify(execFile)(ANALYZE, [
      'security',
      '--offline=yes',
      '--no-pager',
      file,
    ]);
    const level = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
    found.set(basename(path, '.service'), Number(level));
  }
  return found;
}

test.skipIf(!existsSync(ANALYZE))('our units are little exposed', { timeout: 30_000 }, async () => {
  const found = await exposures();
  const mean = [...found.values()].reduce((sum, level) => sum + level, 0) / found.size;
  const list = [...found].map(([name, level]) => `${name} ${level}`).join(', ');
  process.stdout.write(`systemd-analyze security: ${list}; mean ${mean.toFixed(2)}\n`);

  expect(mean).toBeLessThanOrEqual(2.5);
  expect(Math.max(...found.values())).toBeLessThanOrEqual(5.5);
});
