import { createHash, randomBytes } from 'node:crypto';

// Letters that lie in the same place on keyboards of most countries.
const MODHEX = 'cbdefghijklnrtuv';
const GROUP = 8;
const KEY_BYTES = 32;

/** A new recovery key of 256 bits, as a person writes it down. */
export function makeRecoveryKey(): string {
  const letters = [...randomBytes(KEY_BYTES)]
    .map((byte) => `${MODHEX.charAt(byte >> 4)}${MODHEX.charAt(byte & 15)}`)
    .join('');
  const groups = Array.from({ length: letters.length / GROUP }, (_, at) =>
    letters.slice(at * GROUP, (at + 1) * GROUP),
  );
  return groups.join('-');
}

/** Whether a text has the form of a recovery key. */
export function isRecoveryKey(text: string): boolean {
  return /^[cbdefghijklnrtuv]{8}(-[cbdefghijklnrtuv]{8}){7}$/.test(text);
}

/** The key that it stands for: it is long enough that nobody can try them all. */
export function recoveryKeyBytes(recoveryKey: string): Buffer {
  return createHash('sha256').update('physiclaw/recovery/v1\0').update(recoveryKey).digest();
}
