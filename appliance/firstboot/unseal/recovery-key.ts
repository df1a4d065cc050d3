import { FirstBootError } from '../error.ts';
import type { Facts } from '../facts.ts';

/** The screen writes at once; who stands before it reads for himself. */
const SHOWN_MS = 120_000;

/**
 * Resolves once the screen has the recovery key of a volume that is new: only then may it count.
 *
 * @throws FirstBootError FIRSTBOOT_KEY_UNSHOWN: nobody can have it, and the next boot makes another.
 */
export async function showRecoveryKey(
  facts: Facts,
  key: string,
  patienceMs = SHOWN_MS,
): Promise<void> {
  facts.tell('recovery key', key);
  if (await facts.shown('recovery key', patienceMs)) return;
  // A screen that comes later must not show a key that does not count.
  facts.remove('recovery key');
  throw new FirstBootError(
    'FIRSTBOOT_KEY_UNSHOWN',
    'expected a screen (tty1) or a serial line (ttyS0) that takes the recovery key, found none; connect one and start again: volume and key are made anew',
  );
}
