import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BootTime } from '@physiclaw/contracts';
import { bootClock, bootSeconds } from '@physiclaw/platform';
import { expect, test, vi } from 'vitest';

test('the clock names this boot and goes forward', async () => {
  const before = bootClock();
  await sleep(30);
  const after = bootClock();

  expect(BootTime.parse(before)).toEqual(before);
  expect(before.boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  expect(after.seconds - before.seconds).toBeGreaterThan(0);
});

test('setting the wall clock does not move it', () => {
  const before = bootSeconds();
  vi.setSystemTime(Date.now() + 3_600_000);
  const after = bootSeconds();
  vi.useRealTimers();

  expect(after - before).toBeLessThan(1);
});
