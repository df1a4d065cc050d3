/** What the kernel would do with a system call, by running the filter as it would. */
export interface SystemCall {
  readonly number: number;
  readonly architecture?: number;
  readonly arguments?: readonly number[];
}

export const ALLOWED = 'allowed';
export const KILLED = 'killed';

/** 'allowed', 'killed', or the error number that the caller gets. */
export function decide(filter: Buffer, call: SystemCall): string | number {
  const { number, architecture = 0xc000003e, arguments: given = [] } = call;
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(architecture, 4);
  for (const [index, value] of given.entries()) data.writeUInt32LE(value >>> 0, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0; ;) {
    const code = filter.readUInt16LE(at * 8);
    const value = filter.readUInt32LE(at * 8 + 4);
    const jump = (holds: boolean) => filter.readUInt8(at * 8 + (holds ? 2 : 3));
    if (code === 0x06) return meaning(value);
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    if (code === 0x15) at += jump(accumulator === value);
    if (code === 0x35) at += jump(accumulator >= value);
    if (code === 0x45) at += jump((accumulator & value) !== 0);
    at += 1;
  }
}

function meaning(value: number): string | number {
  if (value === 0x7fff0000) return ALLOWED;
  return value === 0x80000000 ? KILLED : value & 0xffff;
}
