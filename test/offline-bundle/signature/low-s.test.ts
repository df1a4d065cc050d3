import { sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { isLowS } from '#offline-bundle/signature/low-s.ts';
import { newKeys } from '#test/bundle/small/bundle.ts';
import { otherS } from './other-s.ts';

const { privateKey, publicKey } = newKeys();
const DATA = Buffer.from('data');

test('of a signature and its twin, which are both valid, one is accepted', () => {
  for (let n = 0; n < 50; n++) {
    const signature = sign('sha256', DATA, privateKey);
    const twin = otherS(signature);

    expect(verify('sha256', DATA, publicKey, twin)).toBe(true);
    expect(isLowS(twin)).toBe(!isLowS(signature));
  }
});

test.each([
  ['no bytes', ''],
  ['a byte after it', '3006020101020101ff'],
  ['a length that is too long', '3007020101020101'],
  ['no sequence', '3106020101020101'],
  ['one integer', '3003020101'],
  ['an integer of no bytes', '30050200020101'],
  ['a leading zero without need', '300702020001020101'],
  ['a number below zero', '3006020181020101'],
  ['three integers', '3009020101020101020101'],
])('%s is refused', (_, hex) => {
  expect(isLowS(Buffer.from(hex, 'hex'))).toBe(false);
});

test('two small integers are accepted', () => {
  expect(isLowS(Buffer.from('3006020101020101', 'hex'))).toBe(true);
});
