import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../ledger/ledger.ts';

export const EFFECTS = 12;
export const RUNBOOK = 'ledger/twelve';

/** The line that a step of a turn writes. */
export function lineOf(turn: string, step: number): string {
  return `${turn} step ${step}`;
}

/** A ledger, a runbook whose turn writes twelve lines into it, and the configuration with both. */
export function openTwelve() {
  const ledger = openLedger();
  const skills = mkdtempSync(join(tmpdir(), 'twelve-'));
  mkdirSync(join(skills, 'ledger', 'runbooks'), { recursive: true });
  writeFileSync(join(skills, 'ledger', 'SKILL.md'), SKILL);
  writeFileSync(join(skills, 'ledger', 'runbooks', 'twelve.yaml'), JSON.stringify(runbook()));
  chmodSync(skills, 0o755);
  return {
    ledger,
    config: `${ledger.config}agent:\n  skills: [${JSON.stringify(skills)}]\n`,
    [Symbol.dispose]() {
      ledger[Symbol.dispose]();
      rmSync(skills, { recursive: true });
    },
  };
}

const SKILL = `---
name: ledger
description: Writes lines into the ledger of a test.
allowed-tools: append_ledger
---
`;

function runbook() {
  return {
    id: RUNBOOK,
    title: 'Twelve lines in the ledger of a test',
    asks: ['Write twelve lines', 'Put twelve lines into the ledger', 'Fill the test ledger'],
    changes: ['write-mount'],
    slots: { turn: { type: 'text', title: 'What the lines begin with' } },
    steps: Array.from({ length: EFFECTS }, (_, step) => ({
      id: `s${step}`,
      title: `write line ${step}`,
      actuator: 'append_ledger',
      arguments: { line: lineOf('{turn}', step) },
    })),
  };
}
