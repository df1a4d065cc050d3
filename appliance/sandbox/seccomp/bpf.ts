/** One instruction of classic BPF, as `struct sock_filter` of linux/filter.h orders it. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Loads the 32-bit word of `struct seccomp_data` that begins at this offset. */
export const load = (offset: number): Instruction => [0x20, 0, 0, offset];
/** Jumps skip that many instructions, 255 at most. */
export const ifEqual = (value: number, ...[yes, no]: Jump): Instruction => [0x15, yes, no, value];
export const ifAtLeast = (value: number, ...[yes, no]: Jump): Instruction => [0x35, yes, no, value];
export const ifAnyBit = (value: number, ...[yes, no]: Jump): Instruction => [0x45, yes, no, value];
export const answer = (value: number): Instruction => [0x06, 0, 0, value];

type Jump = readonly [ifTrue: number, ifFalse: number];

/** The program as the kernel reads it on a little-endian machine: eight bytes an instruction. */
export function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.set([ifTrue, ifFalse], index * 8 + 2);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
