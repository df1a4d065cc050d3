import { evaluate, holds } from '@physiclaw/answer';
import { expect, test } from 'vitest';

const scope = { item: { used: 90, path: '/var/log', ro: false }, list: [{ n: 1 }, { n: 2.5 }] };
const invalid = expect.objectContaining({ code: 'ANSWER_EXPRESSION_INVALID' });

test.each([
  ['item.used >= 85.0 && !item.ro', true],
  ['item.path.startsWith("/var")', true],
  ['item.path.split("/").size() == 3', true],
  ['has(item.missing) && item.missing > 1', false],
])('%s is %s', (expression, value) => {
  expect(holds(expression, scope)).toBe(value);
});

test.each(['item.missing > 1', 'nobody', '1 +', 'item.used.size()', 'process.exit(1)'])(
  '%s is an error, not a no',
  (expression) => {
    expect(() => holds(expression, scope)).toThrow(invalid);
  },
);

test('a condition is true or false, and nothing else', () => {
  expect(() => holds('item.used', scope)).toThrow(invalid);
});

test('an expression sees what it is given, and cannot reach out of it', () => {
  expect(evaluate('item.used', scope)).toBe(90);
  expect(() => evaluate('item.constructor', scope)).toThrow(invalid);
  expect(() => evaluate('item.__proto__', scope)).toThrow(invalid);
});

test('many different expressions do not fill the memory', () => {
  for (let n = 0; n < 1500; n += 1) expect(evaluate(`1.0 + ${n}.0`, {})).toBe(1 + n);
});
