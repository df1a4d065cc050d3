import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Display } from '#appliance/firstboot/screen/display.ts';

const KEY = new Map([['recovery key', 'k']]);

/** A terminal that is there once somebody connects it. */
function makeTerminal() {
  const folder = mkdtempSync(join(tmpdir(), 'display-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ttyS0');
  const connect = () => writeFileSync(path, '');
  const text = () => readFileSync(path, 'utf8');
  return { connect, display: new Display([path]), path, text };
}

test('what changed is shown, and nothing twice', () => {
  const { connect, display, text } = makeTerminal();
  connect();

  expect(display.show(new Map([['host', 'a']]))).toBe(true);
  expect(text()).toBe('physiclaw| host: a\r\n');
  connect();
  expect(display.show(new Map([['host', 'a']]))).toBe(true);
  expect(text()).toBe('');
  expect(display.show(new Map([['host', 'b']]))).toBe(true);
  expect(text()).toBe('physiclaw| host: b\r\n');
});

test('what no terminal took is not shown, and comes again', () => {
  const { connect, display, text } = makeTerminal();

  expect(display.show(KEY)).toBe(false);
  expect(display.show(KEY)).toBe(false);
  connect();
  expect(display.show(KEY)).toBe(true);
  expect(text()).toBe('physiclaw| recovery key: k\r\n');
});

test('a terminal that opens and takes nothing shows nothing', () => {
  expect(new Display(['/dev/full']).show(KEY)).toBe(false);
});

test('one terminal of two is enough', () => {
  const { connect, path } = makeTerminal();
  connect();

  expect(new Display(['/dev/full', path]).show(KEY)).toBe(true);
});
