import { type ChangeKind, changeIn, effectsOf, isOrder } from './change.ts';
import { partsOf } from './clauses.ts';
import type { Match, RunbookIndex } from './runbook-index.ts';

export interface SelectOptions {
  readonly index: RunbookIndex;
  /** Under it no runbook is near enough. */
  readonly threshold: number;
  /** Nearer together than this, nobody can say which was meant. */
  readonly margin: number;
}

/** A clause, what it asks for, and which runbooks could answer it. */
export interface Reading {
  readonly text: string;
  /** The change that it asks for, where it asks for one. */
  readonly change: ChangeKind | undefined;
  /** The one to run, where one is near enough and alone. */
  readonly chosen: Match | undefined;
  /** What is allowed to answer it, the nearest first. */
  readonly nearest: readonly Match[];
}

/** Of its score a clause may lose so much when another fragment joins it. */
const LOSS = 0.85;

/** Reads a question: its clauses, and for each the runbook that is meant, or that none is. */
export function read(question: string, options: SelectOptions): Reading[] {
  return partsOf(question).flatMap((fragments) => joined(fragments, options));
}

/** Fragments that say nothing by themselves belong to a neighbour: `errors and warnings in syslog`. */
function joined(fragments: readonly string[], options: SelectOptions): Reading[] {
  const readings: Reading[] = [];
  for (const fragment of fragments) {
    const next = readClause(fragment, options);
    const last = readings.at(-1);
    const one = last && together(last, next, options);
    if (one) readings.splice(-1, 1, one);
    else readings.push(next);
  }
  return readings;
}

function together(a: Reading, b: Reading, options: SelectOptions): Reading | undefined {
  if (a.change || b.change) return undefined;
  const both = readClause(`${a.text} and ${b.text}`, options);
  const [first, second] = [a.chosen ?? b.chosen, a.chosen && b.chosen];
  if (first === undefined) return both;
  const meansOne = [first, second ?? first].every(
    ({ runbook }) => runbook.id === both.chosen?.runbook.id,
  );
  const keeps = (both.chosen?.score ?? 0) >= LOSS * first.score;
  return meansOne && (keeps || second !== undefined) ? both : undefined;
}

function readClause(text: string, { index, threshold, margin }: SelectOptions): Reading {
  const change = changeIn(text, (word) => index.knows(word));
  const nearest = index.match(text).filter((match) => mayAnswer(match, change, index));
  const [first, second] = nearest;
  const near = first !== undefined && first.score >= threshold;
  const alone = (first?.score ?? 0) - (second?.score ?? 0) >= margin;
  return { text, change, nearest, chosen: near && alone ? first : undefined };
}

/**
 * Who asks a question gets what only reads. Who asks for a change gets what declares the effect,
 * has a change of this kind among its own examples, and knows every word of the clause, one beside
 * the order itself: whoever says `delete the logs`, or `delete them`, meant no temporary files.
 */
function mayAnswer(
  { runbook: { changes, asks }, words, foreign }: Match,
  change: ChangeKind | undefined,
  index: RunbookIndex,
): boolean {
  if (change === undefined) return changes.length === 0;
  return (
    foreign.length === 0 &&
    words.some((word) => !isOrder(word)) &&
    changes.some((effect) => effectsOf[change].includes(effect)) &&
    asks.some((ask) => changeIn(ask, (word) => index.knows(word)) === change)
  );
}
