import type { Located } from '../artifact/json-range.ts';
import { parseArtifact } from '../artifact/parser.ts';
import { type Runbook, shortName, type Step } from '../runbook/runbook.ts';

/** What one step of a runbook brought: the bytes of its reply, and the receipt that covers them. */
export interface StepResult {
  readonly runbook: string;
  readonly step: string;
  readonly artifact: string;
  readonly bytes: Uint8Array;
  /** Number of the receipt in the answer, from 1. */
  readonly receipt: number;
}

/** A step's data, read: every value with the place that it came from. */
export interface Sheet {
  /** `disk.usage`: under what composites find it. */
  readonly name: string;
  readonly runbook: string;
  readonly step: Step;
  readonly parser: string;
  readonly artifact: string;
  readonly receipt: number;
  readonly content: Located;
}

/** Something that a phrase can name: a value, and its path within its sheet. */
export interface Placed {
  readonly sheet: Sheet;
  readonly located: Located;
  readonly path: string;
}

export type Names = ReadonlyMap<string, Placed>;

/** @throws AnswerError ANSWER_ARTIFACT_UNREADABLE */
export function readSheet(runbook: Runbook, step: Step, result: StepResult): Sheet | undefined {
  if (step.parse === undefined) return undefined;
  return {
    name: `${shortName(runbook.id)}.${step.id}`,
    runbook: runbook.id,
    step,
    parser: step.parse,
    artifact: result.artifact,
    receipt: result.receipt,
    content: parseArtifact(step.parse, result.bytes),
  };
}

/**
 * The names of sheets as one runbook's rules see them: those of its own steps, also without its own
 * name, and those of what it includes. Runbooks that only happen to be run with it have no say.
 */
export function namesFor(
  { id, includes }: Runbook,
  runbooks: readonly Runbook[],
  sheets: readonly Sheet[],
): Map<string, Placed> {
  const seen = new Set([id, ...includes]);
  for (const one of runbooks.toReversed()) {
    if (seen.has(one.id)) for (const below of one.includes) seen.add(below);
  }
  const names = new Map<string, Placed>();
  for (const sheet of sheets.filter((one) => seen.has(one.runbook))) {
    const placed = { sheet, located: sheet.content, path: '' };
    names.set(sheet.name, placed);
    if (sheet.runbook === id) names.set(sheet.step.id, placed);
  }
  return names;
}

/** The same names as an expression sees them: plain values, dotted names as members. */
export function scopeOf(names: Names): Record<string, unknown> {
  const scope: Record<string, unknown> = {};
  const groups = new Map<string, Record<string, unknown>>();
  for (const [name, { located }] of names) {
    const [group = name, step] = name.split('.');
    if (step === undefined) scope[name] = located.value;
    else groups.set(group, { ...groups.get(group), [step]: located.value });
  }
  return { ...Object.fromEntries(groups), ...scope };
}

/** What a dotted path names, if it names anything. The longest name that fits is the beginning. */
export function find(names: Names, path: string): Placed | undefined {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const placed = names.get(parts.slice(0, length).join('.'));
    if (placed) return parts.slice(length).reduce<Placed | undefined>(member, placed);
  }
  return undefined;
}

/** The elements of the list that a path names; none where it names no list. */
export function elements(names: Names, path: string): Placed[] {
  const list = find(names, path);
  if (list === undefined || !Array.isArray(list.located.value)) return [];
  return [...(list.located.children ?? [])].map(([index, located]) => ({
    sheet: list.sheet,
    located,
    path: join(list.path, index),
  }));
}

function member(placed: Placed | undefined, key: string): Placed | undefined {
  const located = placed?.located.children?.get(key);
  return placed && located && { sheet: placed.sheet, located, path: join(placed.path, key) };
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
