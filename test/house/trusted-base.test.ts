import { expect, test } from 'vitest';
import { trustedBase } from './trusted-base.ts';

const { plain, lines, ground, named, closure } = trustedBase();
const sum = (counts: typeof lines) => Object.values(counts).reduce((all, count) => all + count, 0);
const list = (counts: typeof lines) =>
  Object.entries(counts)
    .map(([room, count]) => `${room} ${count}`)
    .join(', ');

test('the trusted base can be read: at most 4,000 lines of code', () => {
  process.stdout.write(
    `trusted base: ${sum(plain)} lines that are neither blank nor comment (${list(plain)}); ` +
      `${sum(lines)} of them are neither import nor lone bracket (${list(lines)}); ` +
      `it stands on ${list(ground)}\n`,
  );

  expect(Object.values(lines).every((count) => count > 0)).toBe(true);
  expect(sum(lines)).toBeLessThanOrEqual(4000);
});

test('it names at most 8 npm packages, and 30 with all that these need', () => {
  process.stdout.write(
    `named: ${named.length} (${named.join(', ')}); closure: ${closure.length}\n`,
  );

  expect(named.length).toBeGreaterThan(0);
  expect(named.length).toBeLessThanOrEqual(8);
  expect(closure.length).toBeLessThanOrEqual(30);
});
