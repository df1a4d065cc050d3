import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeLines } from '#appliance/firstboot/screen/terminals.ts';

test('every screen has every line, also beside one that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'screen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const screens = ['tty1', 'ttyS0'].map((name) => join(folder, name));
  for (const screen of screens) writeFileSync(screen, '');
  writeLines(['state: ready', 'host: a'], [join(folder, 'none', 'tty9'), ...screens]);

  for (const screen of screens) {
    expect(readFileSync(screen, 'utf8')).toBe('physiclaw| state: ready\r\nphysiclaw| host: a\r\n');
  }
});
