/** One instruction of classic BPF: `struct sock_filter` of linux/filter.h. */
export interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly value: number;
}

const instruction = (code: number, value: number, ifTrue = 0, ifFalse = 0): Instruction => ({
  code,
  ifTrue,
  ifFalse,
  value,
});

// BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_K | BPF_JEQ / JGE / JSET, BPF_RET | BPF_K.
const LOAD = 0x20;
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;
const RETURN = 0x06;

/** Loads the 32-bit word of `struct seccomp_data` that begins at this offset. */
export const load = (offset: number): Instruction => instruction(LOAD, offset);
/** Each jump skips that many instructions, 255 at most. */
export const ifEqual = (value: number, ifTrue: number, ifFalse: number): Instruction =>
  instruction(EQUAL, value, ifTrue, ifFalse);
export const ifAtLeast = (value: number, ifTrue: number, ifFalse: number): Instruction =>
  instruction(AT_LEAST, value, ifTrue, ifFalse);
export const ifAnyBit = (value: number, ifTrue: number, ifFalse: number): Instruction =>
  instruction(ANY_BIT, value, ifTrue, ifFalse);
export const answer = (value: number): Instruction => instruction(RETURN, value);

/** The program as the kernel reads it on a little-endian machine: eight bytes an instruction. */
export function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, ifTrue, ifFalse, value }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
