import { Effect, Severity } from '@physiclaw/contracts';
import { z } from 'zod';
import { AnswerError } from '../error.ts';

/** Names that the expression language keeps for itself. */
const TAKEN = new Set(
  'bool bytes double duration dyn int list map string timestamp type uint'.split(' '),
);
const id = z
  .string()
  .regex(/^[a-z][a-z0-9]*$/)
  .refine((name) => !TAKEN.has(name), { error: 'expected a name that is no type of CEL' });
const RunbookId = z.string().regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9]*$/);
const expression = z.string().min(1).max(2000);
const phrase = z.string().min(1).max(1000);

/** What a person fills in; what a question leaves open is asked for, never guessed. */
export const Slot = z.strictObject({
  type: z.enum(['path', 'mount', 'process', 'unit', 'duration', 'text', 'number']),
  title: z.string(),
  /** Used where the question names none. */
  default: z.string().optional(),
  /** May stay open: an argument that is nothing but this slot is then left out. */
  optional: z.boolean().default(false),
});
export type Slot = z.infer<typeof Slot>;

/** One tool call. `parse` names the parser that reads its output; without one it yields no fact. */
export const Step = z.strictObject({
  id,
  title: z.string(),
  actuator: z.string(),
  /**
   * Values as they are; a text may hold `{slot}`. One that is nothing but a slot takes its type: a
   * number of a `number`, whole minutes of a `duration`.
   */
  arguments: z.record(z.string(), z.json()).default({}),
  /** CEL over slots and the data of earlier steps; the step is left out where it is false. */
  when: expression.optional(),
  parse: z.string().optional(),
});
export type Step = z.infer<typeof Step>;

/** Picks one element of a list for phrases to speak of: the first that fits, or the greatest. */
const Pick = z.strictObject({
  from: z.string(),
  where: expression.optional(),
  /** Field by which the greatest is taken. */
  max: z.string().optional(),
});
export type Pick = z.infer<typeof Pick>;

/** A rule over data: when it holds, a finding is made. Phrases name data as `{path|format}`. */
export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Only where its runbook was asked for itself: a composite that includes it is spared it. */
  alone: z.boolean().default(false),
  /** List whose elements are looked at one by one as `item`; without it the rule holds once. */
  each: z.string().optional(),
  when: expression,
  severity: Severity,
  with: z.record(id, Pick).default({}),
  sentence: phrase,
  /** Left out where one of its picks found nothing. */
  cause: phrase.optional(),
  advice: phrase.optional(),
  /** At most so many findings of this rule. */
  cap: z.int().min(1).max(50).default(5),
  /** Rules whose findings this one makes superfluous: `runbook.rule`. */
  replaces: z.array(z.string()).default([]),
});
export type Rule = z.infer<typeof Rule>;

/** A plan that needs no model: what may be asked, what is then called, what follows from it. */
export const Runbook = z.strictObject({
  id: RunbookId,
  title: z.string().min(1),
  /** Example questions; they are what a question is matched against. */
  asks: z.array(z.string().min(3)).min(3),
  /** What its steps change beside reading. A question that asks for a change runs no other. */
  changes: z.array(Effect).default([]),
  slots: z.record(id, Slot).default({}),
  /** Runbooks whose steps and rules come first: a composite. */
  includes: z.array(RunbookId).default([]),
  steps: z.array(Step).default([]),
  findings: z.array(Rule).default([]),
  /** What it cannot see, in words for the reader. */
  blind: z.array(z.string()).default([]),
});
export type Runbook = z.infer<typeof Runbook>;

/** @throws AnswerError ANSWER_RUNBOOK_INVALID that names each wrong key. */
export function readRunbook(value: unknown, file: string): Runbook {
  const { success, data, error } = Runbook.safeParse(value);
  if (success) return data;
  throw new AnswerError('ANSWER_RUNBOOK_INVALID', `${file}\n${z.prettifyError(error)}`);
}

/** `sre/disk` → `disk`: the name under which expressions find a runbook's data. */
export function shortName(runbook: string): string {
  return runbook.slice(runbook.indexOf('/') + 1);
}
