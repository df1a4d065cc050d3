import { readFileSync } from 'node:fs';
import type { BootTime } from '@physiclaw/contracts';

/**
 * Now, on the clock that nobody can set: which boot, and seconds since it began, those asleep
 * included. The processes of one machine agree on it.
 */
export function bootClock(): BootTime {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return { boot, seconds: bootSeconds() };
}

/** The seconds of `bootClock` alone, in hundredths. */
export function bootSeconds(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
}
