// main.ts [--bare]: every attack, against the appliance or against an executor that reads no proof.
// Exits 0 where each row says what it should: PASS, or of the bare executor FAIL.
import { openLedger } from '../ledger/ledger.ts';
import { applianceOf } from './appliance.ts';
import { bareExecutor } from './bare/executor.ts';
import { startHostileStack } from './hostile-stack.ts';
import { observe, type Observer } from './observer.ts';
import { capabilityRows } from './rows/capability.ts';
import { decisionRows } from './rows/decision.ts';
import { control, lineFor, runRow, summary, type Verdict } from './run.ts';
import type { Target } from './target.ts';

const isBare = process.argv.includes('--bare');
using ledger = openLedger();
await using observer = observe(ledger);
const verdicts = isBare ? await attackBare() : await attackAppliance();
for (const line of summary(verdicts)) print(line);
const held = verdicts.every((verdict) =>
  isBare ? verdict.stolen > 0 : verdict.stolen === 0 && verdict.complaint === undefined,
);
const rows = decisionRows.length + capabilityRows.length;
process.exitCode = held && verdicts.length === rows ? 0 : 1;

async function attackAppliance(): Promise<Verdict[]> {
  await using stack = await startHostileStack(ledger.config);
  using appliance = applianceOf(stack.home);
  return await attack(appliance, observer);
}

async function attackBare(): Promise<Verdict[]> {
  using bare = bareExecutor(ledger.file);
  return await attack(bare, observer);
}

async function attack(target: Target, watching: Observer): Promise<Verdict[]> {
  const counted = await control(target, watching);
  print(`control: of 1 approved effect ${counted} counted`);
  if (counted !== 1) throw new Error('an observer that does not see this sees no attack');
  const met: Verdict[] = [];
  for (const row of [...decisionRows, ...capabilityRows]) {
    const verdict = await runRow(row, target, watching);
    print(lineFor(verdict));
    met.push(verdict);
  }
  return met;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
