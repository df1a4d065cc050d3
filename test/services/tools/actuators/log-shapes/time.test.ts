import { expect, test } from 'vitest';
import { timeOf } from '#services/tools/actuators/log-shapes/time.ts';

const seconds = (text: string) => Date.parse(text) / 1000;
const NOW = seconds('2026-11-21T12:00:00Z');

test.each([
  ['2026-11-21T11:00:00.123+01:00 host app: started', '2026-11-21T10:00:00Z'],
  ['2026-11-21 11:00:00,123Z started', '2026-11-21T11:00:00Z'],
  ['[2026-11-21T11:00:00+0100] started', '2026-11-21T10:00:00Z'],
  ['2026-11-21 11:00:00 started', '2026-11-21T11:00:00'],
  ['Nov 21 11:00:00 host app: started', '2026-11-21T11:00:00'],
  ['Nov  1 11:00:00 host app: started', '2026-11-01T11:00:00'],
  ['::1 - - [21/Nov/2026:11:00:00 +0000] "GET /"', '2026-11-21T11:00:00Z'],
  ['type=AVC msg=audit(1763722800.123:45): denied', '2025-11-21T11:00:00Z'],
])('%s', (line, expected) => {
  expect(timeOf(line, NOW)?.at).toBe(seconds(expected));
});

test('a day without a year that is still to come was last year', () => {
  expect(timeOf('Dec 31 11:00:00 host x', NOW)?.at).toBe(seconds('2025-12-31T11:00:00'));
});

test('what is left is the line without its time', () => {
  expect(timeOf('2026-11-21T11:00:00Z  app: 5 of 9', NOW)?.rest).toBe('app: 5 of 9');
});

test.each(['no time at all', '2026-13-45 99:99:99 nonsense', ''])('%j has none', (line) => {
  expect(timeOf(line, NOW)).toBeUndefined();
});
