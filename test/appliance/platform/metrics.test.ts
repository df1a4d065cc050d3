import { expect, test } from 'vitest';
import { ApplianceError } from '@physiclaw/platform';
import { Metrics, outcomeOf } from '#appliance/platform/metrics.ts';

test('calls are counted by name and outcome', () => {
  const metrics = new Metrics('echo');
  metrics.count('say', performance.now(), 'ok');
  metrics.count('say', performance.now(), 'ok');
  metrics.count('say', performance.now(), 'BAD_REQUEST');

  const text = metrics.toText();
  expect(text).toContain('\nphysiclaw_calls_total{call="say",outcome="ok"} 2\n');
  expect(text).toContain('\nphysiclaw_calls_total{call="say",outcome="BAD_REQUEST"} 1\n');
});

test('buckets are cumulative, and the last one holds all', () => {
  const metrics = new Metrics('echo');
  for (const seconds of [0, 0.05, 60]) {
    metrics.count('say', performance.now() - seconds * 1000, 'ok');
  }

  const buckets = [...metrics.toText().matchAll(/_bucket\{call="say",le="(.*)"\} (\d+)/g)];
  expect(buckets.map(([, bound, count]) => `${bound} ${count}`)).toEqual([
    '0.001 1',
    '0.005 1',
    '0.025 1',
    '0.1 2',
    '0.5 2',
    '2.5 2',
    '10 2',
    '+Inf 3',
  ]);
  expect(metrics.toText()).toMatch(/_sum\{call="say"\} 60\.05/);
  expect(metrics.toText()).toContain('_count{call="say"} 3\n');
});

test('each line is a comment or a sample of the text format', () => {
  const metrics = new Metrics('echo');
  metrics.count('say', performance.now(), 'ok');
  metrics.add(() => ({ voices: 3 }));
  const sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+$/;

  const lines = metrics.toText().split('\n');
  expect(lines.pop()).toBe('');
  for (const line of lines) expect(line).toMatch(line.startsWith('#') ? /^# TYPE / : sample);
  expect(lines).toContain('physiclaw_echo_voices 3');
  expect(lines.join()).toContain('process_resident_memory_bytes');
  expect(lines.join()).toContain('process_uptime_seconds');
});

test('what was not foreseen is counted as INTERNAL', () => {
  expect(outcomeOf(new ApplianceError('BAD_REQUEST', 400, 'x'))).toBe('BAD_REQUEST');
  expect(outcomeOf(new Error('x'))).toBe('INTERNAL');
});
