import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { claimOf, END_BYTES, headerOf, paddingOf } from '#offline-bundle/archive/header.ts';

const GIB = 2 ** 30;

/** What Debian's tar says of an archive. */
function listed(...pieces: readonly Uint8Array[]): string {
  const input = Buffer.concat([...pieces, Buffer.alloc(END_BYTES)]);
  const options = { input, encoding: 'utf8', env: { TZ: 'UTC', PATH: '/usr/bin' } } as const;
  return execFileSync('/usr/bin/tar', ['--numeric-owner', '-tv'], options);
}

test('tar reads name, size, mode and date as they were given', () => {
  const header = headerOf({ name: 'a/b', size: 3, mode: 0o755, modified: 1_760_000_000 });

  expect(listed(header, Buffer.from('abc'), Buffer.alloc(paddingOf(3)))).toMatch(
    /^-rwxr-xr-x 0\/0 +3 2025-10-09 08:53 a\/b\n$/,
  );
});

test('tar reads folders and links', () => {
  const folder = headerOf({ name: 'a/', size: 0, type: 'folder', mode: 0o755 });
  const link = headerOf({ name: 'l', size: 0, type: 'link', mode: 0o777, target: '../x' });

  expect(listed(folder, link)).toMatch(/^drwxr-xr-x .* a\/\nlrwxrwxrwx .* l -> \.\.\/x\n$/);
});

test('a name of up to 256 characters is cut at a slash', () => {
  const name = `${'d'.repeat(150)}/${'f'.repeat(100)}`;

  expect(listed(headerOf({ name, size: 0 }))).toContain(` ${name}\n`);
  expect(claimOf(headerOf({ name, size: 0 })).name).toBe(name);
});

test.each([
  ['has no slash to cut it at', 'f'.repeat(101)],
  ['is too long in front', `${'d'.repeat(156)}/${'f'.repeat(100)}`],
  ['is not ASCII', 'ä'],
  ['has a line feed', 'a\nb'],
])('a name that %s is refused', (_, name) => {
  expect(() => headerOf({ name, size: 0 })).toThrow(RangeError);
});

test.each([8 * GIB - 1, 8 * GIB, 9 * GIB + 5])('a size of %d bytes has a place', (size) => {
  const header = headerOf({ name: 'large', size });

  expect(header[124] === 0x80).toBe(size >= 8 * GIB);
  expect(sizeByGnu(header)).toBe(size);
});

test.each([
  [0, 0],
  [1, 511],
  [511, 1],
  [512, 0],
  [513, 511],
])('%d bytes are followed by %d zeros', (size, zeros) => {
  expect(paddingOf(size)).toBe(zeros);
});

test('the claim of a damaged header is read without a fault', () => {
  expect(claimOf(Buffer.alloc(512))).toEqual({ name: '', size: -1 });
  expect(claimOf(Buffer.alloc(512, 0xff)).size).toBe(-1);
});

/** GNU's manual: eleven octal digits, or a number of 95 bits behind a bit that is set. */
function sizeByGnu(header: Buffer): number {
  return header[124] === 0x80
    ? Number(header.readBigUInt64BE(128))
    : Number.parseInt(header.toString('latin1', 124, 135), 8);
}
