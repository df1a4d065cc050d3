import { watchClock } from '@physiclaw/platform';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }));
afterEach(() => void vi.useRealTimers());

function watch(steps: number[]): void {
  const clock = watchClock((step) => steps.push(step));
  onTestFinished(() => clock[Symbol.dispose]());
}

/** Sets the wall clock, and lets the next look at it come. */
function set(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000 - 1000);
  vi.advanceTimersByTime(1000);
}

test.each([62, -62, 86_400])('a step of %i seconds is told, once', (seconds) => {
  const steps: number[] = [];
  watch(steps);
  set(seconds);
  set(0);

  expect(steps).toHaveLength(1);
  expect(Math.abs(steps[0]! - seconds)).toBeLessThan(1);
});

test.each([58, -58])('a correction of %i seconds is none', (seconds) => {
  const steps: number[] = [];
  watch(steps);
  set(seconds);

  expect(steps).toEqual([]);
});

test('small corrections count together', () => {
  const steps: number[] = [];
  watch(steps);
  for (let count = 0; count < 4; count += 1) set(20);

  expect(steps).toHaveLength(1);
});

test('nothing is told after the end', () => {
  const steps: number[] = [];
  watchClock((step) => steps.push(step))[Symbol.dispose]();
  set(100);

  expect(steps).toEqual([]);
});
