import { expect, test } from 'vitest';
import { plain } from '#appliance/cli/print/plain.ts';

const ESC = '\u001B';

test.each([
  ['a cursor that is moved', `${ESC}[2J${ESC}[1;1Hfake`],
  ['a title that is set', `${ESC}]0;title\u0007`],
  ['a line that is written over', 'approved\rdenied'],
  ['a step back', 'deny\b\b\b\byes!'],
  ['an eight-bit introducer', '\u009B2J'],
  ['an order that is turned round', 'rm \u202Etxt.exe\u2066'],
])('%s does not reach the terminal', (_what, text) => {
  expect(plain(text)).not.toMatch(/(?![\t\n])\p{C}/u);
});

test('lines, tabs and colours stay', () => {
  const text = `one\ttwo\n${ESC}[31mred${ESC}[0m · naïve ✓\n`;

  expect(plain(text)).toBe(text);
});
