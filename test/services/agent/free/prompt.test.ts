import { expect, test } from 'vitest';
import { SYSTEM_PROMPT } from '#services/agent/free/prompt.ts';

test('what a model is told in every turn is 3,072 bytes at most', () => {
  expect(Buffer.byteLength(SYSTEM_PROMPT)).toBeLessThanOrEqual(3072);
});
