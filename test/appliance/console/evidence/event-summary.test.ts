import { LogEvent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { shortName, summaryOf, toneOf } from '#appliance/console/evidence/event-summary.ts';

const refusal = LogEvent.parse({ kind: 'refusal', check: 'TOOLS_EXPIRED', count: 2 });
const kill = LogEvent.parse({ kind: 'kill', kill: 'k-1', by: 'root', at: '2026-11-21T15:00:00Z' });
const removed = LogEvent.parse({
  kind: 'model',
  verb: 'removed',
  model: 'm',
  person: 'spiffe://test.internal/user/p-1',
});

test('an event is told in a few words, the most telling first', () => {
  expect(summaryOf(refusal)).toBe('TOOLS_EXPIRED');
  expect(summaryOf(removed)).toBe('removed · user/p-1 · m');
});

test('what stopped something stands out', () => {
  expect([refusal, kill, removed].map(toneOf)).toEqual(['warning', 'critical', 'plain']);
});

test('a long name is known by the part that tells it apart', () => {
  expect(shortName('spiffe://physiclaw.local/user/p-1')).toBe('user/p-1');
  expect(shortName(`t-${'a1'.repeat(16)}`)).toBe('t-a1a1a1a1');
  expect(shortName('balanced:read')).toBe('balanced:read');
});
