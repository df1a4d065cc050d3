import { Bell } from '@physiclaw/platform';
import { expect, test } from 'vitest';

const never = new AbortController().signal;

test('wakes everyone who waits', async () => {
  const bell = new Bell();
  const waits = Promise.all([bell.wait(10_000, never), bell.wait(2 ** 40, never)]);
  bell.ring();

  await expect(waits).resolves.toBeDefined();
});

test('wakes by itself when the time is over', async () => {
  await expect(new Bell().wait(5, never)).resolves.toBeUndefined();
});

test('wakes whoever is not wanted any more, before and while he waits', async () => {
  const bell = new Bell();
  const stop = new AbortController();
  const wait = bell.wait(10_000, stop.signal);
  stop.abort();

  await wait;
  await expect(bell.wait(10_000, stop.signal)).resolves.toBeUndefined();
});
