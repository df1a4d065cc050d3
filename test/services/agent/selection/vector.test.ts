import { expect, test } from 'vitest';
import { vectorOf } from '#services/agent/selection/vector.ts';

const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

test('a text is as near to itself as can be, and the same wherever it is computed', () => {
  const vector = vectorOf(['memory', 'usage']);

  expect(cosine(vector, vectorOf(['memory', 'usage']))).toBeCloseTo(1);
  expect([...vector.entries()].filter(([, value]) => value > 0)).toHaveLength(26);
});

test('a misspelled word is nearer to the right one than another word', () => {
  const right = vectorOf(['certificate']);

  expect(cosine(right, vectorOf(['certifcate']))).toBeGreaterThan(0.4);
  expect(cosine(right, vectorOf(['replication']))).toBeLessThan(0.2);
});

test('no words are near to nothing', () => {
  expect(vectorOf([]).every((value) => value === 0)).toBe(true);
});
