import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../e2e/stack.ts';
import { openLedger } from './ledger.ts';

const ledger = openLedger();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ config: ledger.config });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  ledger[Symbol.dispose]();
});

test('a line is written once a person signed it, and not before', async () => {
  const asked = await stack.cli('call', 'append_ledger', 'one line');
  const before = ledger.lines();
  const [, request = ''] = /approvals approve (r-[0-9a-f]{32})/.exec(asked.out) ?? [];
  await stack.cli('approvals', 'approve', request);

  expect(asked.code).toBe(6);
  expect(before).toEqual([]);
  await expect.poll(() => ledger.lines(), { timeout: 20_000 }).toEqual(['one line']);
});
