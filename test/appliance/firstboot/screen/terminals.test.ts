import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beginLine, writeLines } from '#appliance/firstboot/screen/terminals.ts';

/** Two screens, and one that is not there. */
function makeScreens() {
  const folder = mkdtempSync(join(tmpdir(), 'screen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const screens = ['tty1', 'ttyS0'].map((name) => join(folder, name));
  for (const screen of screens) writeFileSync(screen, '');
  const shown = () => screens.map((screen) => readFileSync(screen, 'utf8'));
  return { all: [join(folder, 'none', 'tty9'), ...screens], shown };
}

test('every screen has every line, also beside one that is not there', () => {
  const { all, shown } = makeScreens();
  writeLines(['state: ready', 'host: a'], all);
  const lines = 'physiclaw| state: ready\r\nphysiclaw| host: a\r\n';

  expect(shown()).toEqual([lines, lines]);
});

test('what others wrote before is no beginning of a line of ours', () => {
  const { all, shown } = makeScreens();
  beginLine(all);

  expect(shown()).toEqual(['\r\n', '\r\n']);
});
