import { expect, test } from 'vitest';
import { visible, visibleJson } from '@physiclaw/contracts';

test.each([
  ['rm \u202Etxt.exe', 'rm \\u{202e}txt.exe'],
  ['a\u200Bb', 'a\\u{200b}b'],
  ['a\u0000b', 'a\\u{0}b'],
  ['a\u2028b', 'a\\u{2028}b'],
  ['a\u3164b', 'a\\u{3164}b'],
  ['a\u{E0041}b', 'a\\u{e0041}b'],
])('what cannot be seen in %j is shown by its number', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('what can be seen is left alone', () => {
  expect(visible('naïve — 日本語 🎉\n\tuname')).toBe('naïve — 日本語 🎉\n\tuname');
});

test('JSON in which nothing hides has the same value', () => {
  const value = { argv: ['rm \u202Etxt.exe', 'a\u{E0041}b', '\u009B2J', 'naïve 🎉\n'] };
  const text = visibleJson(value);

  expect(text).toContain(String.raw`rm \u202etxt.exe`);
  expect(text).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}]/u);
  expect(JSON.parse(text)).toEqual(value);
});
