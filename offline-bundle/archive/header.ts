/** One member of an archive, as far as its header says. */
export interface Member {
  readonly name: string;
  readonly size: number;
  /** A regular file where absent. */
  readonly type?: 'file' | 'folder' | 'link';
  readonly mode?: number;
  /** Where a link leads. */
  readonly target?: string;
  /** Seconds since 1970. */
  readonly modified?: number;
}

export const BLOCK = 512;
/** What an archive ends with: two blocks of zeros, and nothing after them. */
export const END_BYTES = 2 * BLOCK;

const TYPES = { file: '0', link: '2', folder: '5' } as const;
const [NAME_BYTES, PREFIX_BYTES] = [100, 155];
// Eleven octal digits; above, GNU's base-256 form.
const OCTAL_LIMIT = 8 ** 11;
const SUM_AT = 148;

/**
 * The one header block (ustar) that this product writes for a member: no user, no group, nothing
 * that a reader could take in two ways.
 *
 * @throws RangeError for a name that has no place in the block.
 */
export function headerOf({ name, size, type = 'file', mode = 0o644, ...rest }: Member): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, base] = split(name);
  block.write(base, 0, 'latin1');
  block.write(octal(mode, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  writeSize(block, size);
  block.write(octal(rest.modified ?? 0, 12), 136, 'latin1');
  block.fill(' ', SUM_AT, SUM_AT + 8);
  block.write(TYPES[type], 156, 'latin1');
  block.write(fitting(rest.target ?? '', NAME_BYTES), 157, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(octal(0, 8), 329, 'latin1');
  block.write(octal(0, 8), 337, 'latin1');
  block.write(prefix, 345, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, SUM_AT, 'latin1');
  return block;
}

/** How many zeros follow a member's bytes. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** The name and the size that a header gives, however badly: for messages, and to know what to expect. */
export function claimOf(block: Uint8Array): { name: string; size: number } {
  const text = (from: number, to: number) =>
    Buffer.from(block.subarray(from, to)).toString('latin1').split('\0')[0] ?? '';
  const prefix = text(345, 500);
  const name = `${prefix && `${prefix}/`}${text(0, 100)}`;
  const size = Number.parseInt(text(124, 136).trim(), 8);
  return { name, size: Number.isSafeInteger(size) ? size : -1 };
}

function writeSize(block: Buffer, size: number): void {
  if (size < OCTAL_LIMIT) {
    block.write(octal(size, 12), 124, 'latin1');
    return;
  }
  block.writeUInt8(0x80, 124);
  block.writeBigUInt64BE(BigInt(size), 128);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

/** A long name is cut at a slash, the front of it into the field for it. */
function split(name: string): [prefix: string, base: string] {
  if (name.length <= NAME_BYTES) return ['', fitting(name, NAME_BYTES)];
  const at = name.indexOf('/', name.length - NAME_BYTES - 1);
  return [
    fitting(name.slice(0, Math.max(at, 0)), PREFIX_BYTES),
    fitting(name.slice(at + 1), NAME_BYTES),
  ];
}

function fitting(text: string, bytes: number): string {
  if (text.length > bytes || !/^[ -~]*$/.test(text)) {
    throw new RangeError(`expected at most ${bytes} ASCII characters: ${text}`);
  }
  return text;
}
