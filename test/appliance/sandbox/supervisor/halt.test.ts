import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as platform from '@physiclaw/platform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootClock, haltReason } from '#appliance/sandbox/supervisor/halt.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'halt-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inSeconds = (seconds: number) => ({
  ...bootClock(),
  seconds: bootClock().seconds + seconds,
});

test('nothing halts a run whose lease goes on', () => {
  expect(haltReason(join(folder, 'kill'), inSeconds(5))).toBeUndefined();
});

test('no lease, a past one and one of another boot halt it', () => {
  const killFile = join(folder, 'kill');

  expect(haltReason(killFile, undefined)).toBe('lease');
  expect(haltReason(killFile, inSeconds(-0.1))).toBe('lease');
  expect(haltReason(killFile, { ...inSeconds(5), boot: 'another' })).toBe('lease');
});

test('the kill file halts it, whatever it is', () => {
  writeFileSync(join(folder, 'kill'), '');
  symlinkSync('/no/such/file', join(folder, 'link'));

  expect(haltReason(join(folder, 'kill'), inSeconds(5))).toBe('kill');
  expect(haltReason(join(folder, 'link'), inSeconds(5))).toBe('kill');
});

test('a place where nobody can look may hold it', () => {
  writeFileSync(join(folder, 'file'), '');

  expect(haltReason(join(folder, 'file', 'kill'), inSeconds(5))).toBe('kill');
});

test('the clock is the one that leases are counted by', () => {
  expect(bootClock().boot).toBe(platform.bootClock().boot);
  expect(Math.abs(bootClock().seconds - platform.bootSeconds())).toBeLessThan(1);
});
