import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../e2e/stack.ts';
import { openLedger } from '../ledger/ledger.ts';
import { applianceOf } from './appliance.ts';
import { bareExecutor } from './bare/executor.ts';
import { startHostileStack } from './hostile-stack.ts';
import { observe } from './observer.ts';
import { capabilityRows } from './rows/capability.ts';
import { decisionRows } from './rows/decision.ts';
import { control, lineFor, runRow, summary, type Verdict } from './run.ts';

const rows = [...decisionRows, ...capabilityRows];
const ledger = openLedger();
const observer = observe(ledger);
const verdicts: Verdict[] = [];
let stack: Stack | undefined;
let appliance: ReturnType<typeof applianceOf>;
beforeAll(async () => {
  stack = await startHostileStack(ledger.config);
  appliance = applianceOf(stack.home);
});
afterAll(async () => {
  process.stdout.write(`${summary(verdicts).join('\n')}\n`);
  if (stack) appliance[Symbol.dispose]();
  await stack?.[Symbol.asyncDispose]();
  await observer[Symbol.asyncDispose]();
  ledger[Symbol.dispose]();
});

test('control: a line that a person approved is counted', async () => {
  expect(await control(appliance, observer)).toBe(1);
});

test.each(rows)('$name', { timeout: 60_000 }, async (row) => {
  const verdict = await runRow(row, appliance, observer);
  verdicts.push(verdict);
  process.stdout.write(`${lineFor(verdict)}\n`);

  expect(verdict).toEqual({ name: row.name, stolen: 0 });
});

test.each(rows)('an executor that reads no proof falls to: $name', async (row) => {
  using bare = bareExecutor(ledger.file);
  const { stolen } = await runRow(row, bare, observer);

  expect(stolen).toBeGreaterThan(0);
});
