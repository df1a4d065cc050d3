import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../e2e/stack.ts';
import { bareLoop } from './bare/loop.ts';
import { configOf, modelAppliance } from './model-appliance.ts';
import { openOutside, type Outside } from './outside.ts';
import { fileRows } from './rows/files.ts';
import { limitRows } from './rows/limits.ts';
import { planRows } from './rows/plan.ts';
import { lineFor, runModelRow, summary, type Verdict } from './run.ts';
import type { World } from './world.ts';

const rows = [...fileRows, ...limitRows, ...planRows];
const verdicts: Verdict[] = [];
let outside: Outside;
let stack: Stack | undefined;
let world: (World & AsyncDisposable) | undefined;
beforeAll(async () => {
  outside = await openOutside();
  stack = await startStack({ config: configOf(outside) });
  world = await modelAppliance(stack, outside);
});
afterAll(async () => {
  process.stdout.write(`${summary(verdicts).join('\n')}\n`);
  await world?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

test.each(rows)('$name', { timeout: 60_000 }, async (row) => {
  if (world === undefined) throw new Error('expected an appliance');
  const verdict = await runModelRow(row, world);
  verdicts.push(verdict);
  process.stdout.write(`${lineFor(verdict)}\n`);

  expect(verdict).toEqual({ name: row.name, stolen: 0 });
});

test.each(rows)('a bare loop falls to: $name', { timeout: 60_000 }, async (row) => {
  await using bare = bareLoop(outside);
  const { stolen } = await runModelRow(row, bare);

  expect(stolen).toBeGreaterThan(0);
});
