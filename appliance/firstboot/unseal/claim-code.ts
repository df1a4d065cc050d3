import { randomInt } from 'node:crypto';

// Without letters and digits that a tired person takes for each other.
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 5;
const GROUP = 4;

/**
 * 100 bits, good for the boot that made them and, once somebody is enrolled, for nothing. Only its
 * hash leaves for `policy`; the screen shows it to whoever stands before the machine.
 */
export function makeClaimCode(): string {
  return Array.from({ length: GROUPS }, () => letters(GROUP)).join('-');
}

function letters(count: number): string {
  return Array.from({ length: count }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
