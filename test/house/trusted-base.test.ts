import { expect, test } from 'vitest';
import { trustedBase } from './trusted-base.ts';

const { lines, ground, physical, named, closure } = trustedBase();
const total = Object.values(lines).reduce((sum, count) => sum + count, 0);
const list = (counts: typeof lines) =>
  Object.entries(counts)
    .map(([room, count]) => `${room} ${count}`)
    .join(', ');

test('the trusted base can be read: at most 4,000 lines of code', () => {
  process.stdout.write(
    `trusted base: ${total} lines of code (${list(lines)}); ` +
      `${physical} with imports and lone brackets; it stands on ${list(ground)}\n`,
  );

  expect(Object.values(lines).every((count) => count > 0)).toBe(true);
  expect(total).toBeLessThanOrEqual(4000);
});

test('it names at most 8 npm packages, and 30 with all that these need', () => {
  process.stdout.write(
    `named: ${named.length} (${named.join(', ')}); closure: ${closure.length}\n`,
  );

  expect(named.length).toBeGreaterThan(0);
  expect(named.length).toBeLessThanOrEqual(8);
  expect(closure.length).toBeLessThanOrEqual(30);
});
