import { expect, test } from 'vitest';
import { visible } from '#appliance/console/evidence/visible.ts';

test.each([
  ['rm \u202Etxt.exe', 'rm \\u{202e}txt.exe'],
  ['a\u200Bb', 'a\\u{200b}b'],
  ['a\u0000b', 'a\\u{0}b'],
  ['a\u2028b', 'a\\u{2028}b'],
])('what cannot be seen in %j is shown by its number', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('what can be seen is left alone', () => {
  expect(visible('naïve — 日本語 🎉\n\tuname')).toBe('naïve — 日本語 🎉\n\tuname');
});
