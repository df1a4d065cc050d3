import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasHeader } from '#appliance/firstboot/unseal/header.ts';

/** A partition that has these bytes at this place. */
function makePartition(text = '', offset = 0): string {
  const folder = mkdtempSync(join(tmpdir(), 'header-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bytes = Buffer.alloc(2 ** 23);
  bytes.write(text, offset, 'latin1');
  writeFileSync(join(folder, 'partition'), bytes);
  return join(folder, 'partition');
}

test.each([
  ['a header', 'LUKS\xba\xbe', 0],
  ['the second copy of a small one', 'SKUL\xba\xbe', 0x4000],
  ['the second copy of a large one', 'SKUL\xba\xbe', 0x400000],
])('%s is one', (_what, text, offset) => {
  expect(hasHeader(makePartition(text, offset))).toBe(true);
});

test.each([
  ['nothing', '', 0],
  ['a file system', '\x53\xef', 0x438],
  ['half a header', 'LUKS', 0],
])('%s is none', (_what, text, offset) => {
  expect(hasHeader(makePartition(text, offset))).toBe(false);
});

test('where nothing can be read nobody says that there is none', () => {
  expect(() => hasHeader('/proc/self/mem')).toThrow('EIO');
});
