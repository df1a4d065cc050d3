import { expect, test } from 'vitest';
import {
  answer,
  assemble,
  ifAnyBit,
  ifAtLeast,
  ifEqual,
  load,
} from '#appliance/sandbox/seccomp/bpf.ts';

test('an instruction is eight bytes as linux/filter.h lays them out', () => {
  expect(assemble([ifEqual(0xc000003e, 1, 2)]).toString('hex')).toBe('150001023e0000c0');
});

test('each instruction has the code that the kernel knows it by', () => {
  const program = assemble([load(4), ifAtLeast(1, 0, 0), ifAnyBit(1, 0, 0), answer(0)]);

  expect([0, 8, 16, 24].map((at) => program.readUInt16LE(at))).toEqual([0x20, 0x35, 0x45, 0x06]);
});
