import { ProofError } from '@physiclaw/proof';

// Flipped bits of each kind, and values that a format gives a meaning to.
const MASKS = [0x01, 0x02, 0x20, 0x80];
const VALUES = [0x0a, 0x3d];

/** The bytes with one of them changed: every position, several values each. */
export function* changedBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (const [at, byte] of bytes.entries()) {
    const values = new Set([...MASKS.map((mask) => byte ^ mask), ...VALUES]);
    values.delete(byte);
    for (const value of values) yield bytes.with(at, value);
  }
}

/** The same for a text's UTF-8, read back as a text as a careless reader would. */
export function* byteChanges(text: string): Generator<string> {
  const decoder = new TextDecoder();
  for (const bytes of changedBytes(new TextEncoder().encode(text))) yield decoder.decode(bytes);
}

/**
 * Those of the changes that are not refused with a code of the right group: none, if the check
 * looks at every byte.
 */
export function passing<Change>(
  changes: Iterable<Change>,
  group: string,
  check: (change: Change) => unknown,
): Change[] {
  return [...changes].filter((change) => {
    try {
      check(change);
      return true;
    } catch (error) {
      return !(error instanceof ProofError && error.code.startsWith(group));
    }
  });
}
