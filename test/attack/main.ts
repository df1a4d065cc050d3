// main.ts [--bare]: every attack, against the appliance or against an executor that reads no proof.
// Exits 0 where each row says what it should: PASS, or of the bare executor FAIL.
import { startStack } from '../e2e/stack.ts';
import { applianceOf } from './appliance.ts';
import { bareExecutor } from './bare/executor.ts';
import { bareLoop } from './bare/loop.ts';
import { startHostileStack } from './hostile-stack.ts';
import { configOf, modelAppliance } from './model-appliance.ts';
import { openOutside } from './outside.ts';
import { capabilityRows } from './rows/capability.ts';
import { decisionRows } from './rows/decision.ts';
import { fileRows } from './rows/files.ts';
import { limitRows } from './rows/limits.ts';
import { planRows } from './rows/plan.ts';
import { control, lineFor, runModelRow, runRow, summary, type Verdict } from './run.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

const agentRows = [...decisionRows, ...capabilityRows];
const modelRows = [...fileRows, ...limitRows, ...planRows];
const isBare = process.argv.includes('--bare');
await using outside = await openOutside();
const verdicts: Verdict[] = [];
await (isBare ? attackBare() : attackAppliance());
for (const line of summary(verdicts)) print(line);
const held = verdicts.filter((verdict) =>
  isBare ? verdict.stolen > 0 : verdict.stolen === 0 && verdict.complaint === undefined,
);
process.exitCode = held.length === agentRows.length + modelRows.length ? 0 : 1;

async function attackAppliance(): Promise<void> {
  {
    await using stack = await startHostileStack(outside.ledger.config);
    using appliance = applianceOf(stack.home);
    await beAgent(appliance);
  }
  await using stack = await startStack({ config: configOf(outside) });
  await using driven = await modelAppliance(stack, outside);
  await beModel(driven);
}

async function attackBare(): Promise<void> {
  using executor = bareExecutor(outside.ledger.file);
  await beAgent(executor);
  await using loop = bareLoop(outside);
  await beModel(loop);
}

async function beAgent(target: Target): Promise<void> {
  const counted = await control(target, outside);
  print(`control: of 1 approved effect ${counted} counted`);
  if (counted !== 1) throw new Error('an observer that does not see this sees no attack');
  print('a hostile agent, with its SVID and live sessions:');
  for (const row of agentRows) tell(await runRow(row, target, outside));
}

async function beModel(world: World): Promise<void> {
  print('a hostile model:');
  for (const row of modelRows) tell(await runModelRow(row, world));
}

function tell(verdict: Verdict): void {
  verdicts.push(verdict);
  print(lineFor(verdict));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
