import { expect, test } from 'vitest';
import { startStack } from '../e2e/stack.ts';
import { openLedger } from './ledger.ts';

const PATIENCE_MS = 60_000;

test(
  'a line is written once a person signed it, and not before',
  async () => {
    using ledger = openLedger();
    await using stack = await startStack({ config: ledger.config });
    const asked = await stack.cli('call', 'append_ledger', 'one line');
    const before = ledger.lines();
    const [, request = ''] = /approvals approve (r-[0-9a-f]{32})/.exec(asked.out) ?? [];
    await stack.cli('approvals', 'approve', request);

    expect(asked.code).toBe(6);
    expect(before).toEqual([]);
    await expect.poll(() => ledger.lines(), { timeout: 20_000 }).toEqual(['one line']);
  },
  PATIENCE_MS,
);
