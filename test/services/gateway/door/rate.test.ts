import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Rate } from '#services/gateway/door/rate.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const drain = (rate: Rate, name: string) => {
  for (let taken = 0; ; taken += 1) {
    try {
      rate.take(name);
    } catch {
      return taken;
    }
  }
};

test('a burst is borne, then a caller is told to wait', () => {
  const rate = new Rate();

  expect(drain(rate, 'ada')).toBe(60);
  expect(() => rate.take('ada')).toThrow(
    expect.objectContaining({ code: 'GATEWAY_TOO_MANY_REQUESTS' }),
  );
});

test('one caller does not keep another out', () => {
  const rate = new Rate();
  drain(rate, 'ada');

  expect(drain(rate, 'bob')).toBe(60);
});

test('a second later twenty more are borne', () => {
  const rate = new Rate();
  drain(rate, 'ada');
  vi.advanceTimersByTime(1000);

  expect(drain(rate, 'ada')).toBe(20);
});
