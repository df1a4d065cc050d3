import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that goes with the test. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'seal-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}
