import { closeSync, openSync, readSync } from 'node:fs';

const FIRST = Buffer.from('LUKS\xba\xbe', 'latin1');
const SECOND = Buffer.from('SKUL\xba\xbe', 'latin1');
/** LUKS2 on-disk format, section 2.2: where the second copy of a header of each size begins. */
const OFFSETS = [0, ...Array.from({ length: 9 }, (_, power) => 0x4000 * 2 ** power)];

/**
 * Whether a partition begins with a LUKS header, or with what is left of one: without any nobody can
 * ever read what lies in it.
 *
 * @throws Error EIO when that cannot be read: then nobody can say.
 */
export function hasHeader(partition: string): boolean {
  const file = openSync(partition, 'r');
  try {
    return OFFSETS.some((offset) => {
      const found = Buffer.alloc(FIRST.length);
      readSync(file, found, 0, found.length, offset);
      return found.equals(FIRST) || found.equals(SECOND);
    });
  } finally {
    closeSync(file);
  }
}
