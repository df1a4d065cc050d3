import { lstatSync, readFileSync } from 'node:fs';
import type { BootTime } from '@physiclaw/contracts';

/** Why nothing may run now, or undefined. Read from the kernel each time, through no other process. */
export function haltReason(
  killFile: string,
  until: BootTime | undefined,
): 'kill' | 'lease' | undefined {
  if (liesThere(killFile)) return 'kill';
  const now = bootClock();
  return until?.boot === now.boot && now.seconds < until.seconds ? undefined : 'lease';
}

/** A file that cannot be looked for may lie there: only "no such file" lets a run go on. */
function liesThere(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

/** Now, on the clock that nobody can set. Platform's own would bring a daemon's packages with it. */
export function bootClock(): BootTime {
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    // Its first number is CLOCK_BOOTTIME, which Node does not offer.
    seconds: Number.parseFloat(readFileSync('/proc/uptime', 'utf8')),
  };
}
