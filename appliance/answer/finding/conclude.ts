import type { Fact, Finding, Phrase, Severity } from '@physiclaw/contracts';
import { AnswerError } from '../error.ts';
import { evaluate, holds } from '../runbook/expression.ts';
import { type Pick, type Rule, type Runbook, shortName } from '../runbook/runbook.ts';
import { citedIn, FactBook } from './fact-book.ts';
import {
  elements,
  type Names,
  namesFor,
  type Placed,
  readSheet,
  scopeOf,
  type Sheet,
  type StepResult,
} from './sheet.ts';

/** What follows from what the steps brought. */
export interface Conclusion {
  readonly findings: Finding[];
  readonly facts: Fact[];
  readonly notChecked: { what: string; why: string }[];
}

/**
 * Applies the rules of runbooks to the results of their steps: pure, so that it can be done again
 * by whoever doubts it. Includes come before what includes them. Worst findings stand first.
 */
export function conclude(runbooks: readonly Runbook[], results: readonly StepResult[]): Conclusion {
  const notChecked: Conclusion['notChecked'] = [];
  const sheets = runbooks.flatMap((runbook) => sheetsOf(runbook, results, notChecked));
  const book = new FactBook();
  const included = new Set(runbooks.flatMap(({ includes }) => includes));
  const made = runbooks.flatMap((runbook) =>
    findingsOf(runbook, {
      names: namesFor(runbook, runbooks, sheets),
      book,
      notChecked,
      alone: !included.has(runbook.id),
    }),
  );
  const replaced = new Set(made.flatMap(({ rule, finding }) => (finding ? rule.replaces : [])));
  const findings = made
    .map(({ finding }) => finding)
    .filter((finding) => !replaced.has(finding.rule))
    .toSorted((a, b) => rank(a) - rank(b));
  for (const { blind } of runbooks) {
    notChecked.push(...blind.map((what) => ({ what, why: 'outside what this runbook sees' })));
  }
  const cited = new Set(findings.flatMap((finding) => finding.facts));
  return { findings, facts: book.facts.filter(({ id }) => cited.has(id)), notChecked };
}

function sheetsOf(
  runbook: Runbook,
  results: readonly StepResult[],
  notChecked: Conclusion['notChecked'],
): Sheet[] {
  const sheets: Sheet[] = [];
  for (const step of runbook.steps) {
    const result = results.find((one) => one.runbook === runbook.id && one.step === step.id);
    if (result === undefined) continue;
    try {
      const sheet = readSheet(runbook, step, result);
      if (sheet === undefined) continue;
      sheets.push(sheet);
      notChecked.push(...ownDoubts(sheet));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      notChecked.push({ what: step.title, why: error.message.split('\n')[0] ?? error.code });
    }
  }
  return sheets;
}

/** What the actuator itself says that it could not look at. */
function ownDoubts({ content }: Sheet): Conclusion['notChecked'] {
  const list = content.children?.get('notChecked');
  return [...(list?.children?.values() ?? [])].map(({ children }) => ({
    what: String(children?.get('what')?.value),
    why: String(children?.get('why')?.value),
  }));
}

interface Desk {
  readonly names: Names;
  readonly book: FactBook;
  readonly notChecked: Conclusion['notChecked'];
  /** Whether this runbook was asked for itself. */
  readonly alone: boolean;
}

interface Made {
  readonly rule: Rule;
  readonly finding: Finding;
}

function findingsOf(runbook: Runbook, desk: Desk): Made[] {
  const made: Made[] = [];
  for (const rule of runbook.findings) {
    if (rule.alone && !desk.alone) continue;
    if (!seesAll(rule, runbook, desk.names)) continue;
    try {
      made.push(...applied(rule, runbook, desk).map((finding) => ({ rule, finding })));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      const what = `rule ${shortName(runbook.id)}.${rule.id}`;
      desk.notChecked.push({ what, why: error.message.split('\n')[0] ?? error.code });
    }
  }
  return made;
}

/** Whether the data of every step that a rule speaks of is there: no finding comes from its absence. */
function seesAll(rule: Rule, { id, steps, includes }: Runbook, names: Names): boolean {
  const said = JSON.stringify([rule.each, rule.when, rule.sentence, Object.values(rule.with)]);
  const own = steps.filter(({ parse }) => parse !== undefined).map((step) => step.id);
  const groups = [id, ...includes].map(shortName).join('|');
  const dotted = [
    ...said.matchAll(new RegExp(`(?<![.\\w])(?:${groups})\\.[a-z][a-z0-9]*`, 'g')),
  ].map(([name]) => name);
  const plain = own.filter((step) => new RegExp(`(?<![.\\w])${step}\\b(?=\\.)`).test(said));
  return [...dotted, ...plain].every((name) => names.has(name));
}

function applied(rule: Rule, runbook: Runbook, { names, book }: Desk): Finding[] {
  const subjects = rule.each === undefined ? [undefined] : elements(names, rule.each);
  const findings: Finding[] = [];
  for (const item of subjects) {
    if (findings.length >= rule.cap) break;
    const seen = item ? new Map([...names, ['item', item]]) : names;
    if (!holds(rule.when, scopeOf(seen))) continue;
    const picked = new Map(seen);
    for (const [name, pick] of Object.entries(rule.with)) {
      const found = pickFrom(pick, picked);
      if (found) picked.set(name, found);
    }
    findings.push(findingOf(rule, runbook, { names: picked, book }));
  }
  return findings;
}

function pickFrom({ from, where, max }: Pick, names: Names): Placed | undefined {
  const fitting = elements(names, from).filter(
    (entry) => where === undefined || holds(where, scopeOf(new Map([...names, ['entry', entry]]))),
  );
  if (max === undefined) return fitting[0];
  const field = (entry: Placed) => {
    const value = evaluate(`entry.${max}`, scopeOf(new Map([['entry', entry]])));
    return typeof value === 'number' ? value : Number.NEGATIVE_INFINITY;
  };
  return fitting.toSorted((a, b) => field(b) - field(a))[0];
}

function findingOf(
  rule: Rule,
  { id }: Runbook,
  { names, book }: Omit<Desk, 'notChecked' | 'alone'>,
): Finding {
  const sentence = book.phrase(rule.sentence, names);
  const optional = (template: string | undefined): Phrase | undefined => {
    const missing = Object.keys(rule.with).filter((name) => !names.has(name));
    if (template === undefined || missing.some((name) => template.includes(`{${name}.`)))
      return undefined;
    return book.phrase(template, names);
  };
  const [cause, advice] = [optional(rule.cause), optional(rule.advice)];
  return {
    rule: `${shortName(id)}.${rule.id}`,
    severity: rule.severity,
    sentence,
    facts: [...new Set([sentence, cause, advice].flatMap(citedIn))],
    ...(cause && { cause }),
    ...(advice && { advice }),
  };
}

/** What nobody saw comes before what is merely worth a note: it may be worse. */
const RANKS: readonly Severity[] = ['critical', 'warning', 'unknown', 'notice', 'ok'];

function rank({ severity }: Finding): number {
  return RANKS.indexOf(severity);
}
