import { z } from 'zod';
import { Receipt } from './entry.ts';
import { Digest, RequestId, SessionId, TurnId } from './name.ts';

/** Worst first. `unknown` is not `ok`: nobody looked, or looking failed. */
export const Severity = z.enum(['critical', 'warning', 'notice', 'ok', 'unknown']);
export type Severity = z.infer<typeof Severity>;

/**
 * A value that was parsed from a recorded output. `artifact` is the digest of the bytes, `range`
 * where in them it stands, `parser` what reads it there again.
 */
export const Fact = z.strictObject({
  id: z.string().regex(/^f[0-9]+$/),
  /** Dotted name within its step, such as `mounts.0.usedPercent`. */
  name: z.string().max(256),
  value: z.union([z.string().max(4096), z.number(), z.boolean()]),
  unit: z.string().max(16).optional(),
  /** Which step it came from. */
  step: z.string(),
  parser: z.string(),
  artifact: Digest,
  range: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  /** Number of the receipt of the act that produced the artifact: see `Answer.receipts`. */
  receipt: z.int().positive(),
});
export type Fact = z.infer<typeof Fact>;

/** A sentence: fixed words of the runbook, and facts. No figure or name comes from elsewhere. */
export const Phrase = z.array(
  z.union([
    z.strictObject({ text: z.string() }),
    z.strictObject({ fact: Fact.shape.id, shown: z.string() }),
  ]),
);
export type Phrase = z.infer<typeof Phrase>;

export const Finding = z.strictObject({
  rule: z.string(),
  severity: Severity,
  sentence: Phrase,
  /** Why, where findings of other steps explain it. */
  cause: Phrase.optional(),
  advice: Phrase.optional(),
  /** Facts that the rule looked at. */
  facts: z.array(Fact.shape.id),
});
export type Finding = z.infer<typeof Finding>;

/** One act of a turn, by what came of it. */
export const Act = z.strictObject({
  label: z.enum(['done', 'waits', 'refused', 'failed', 'unknown']),
  actuator: z.string(),
  /** What it does, in a line. */
  title: z.string(),
  /** Of a refusal or a wait: the rules. */
  rules: z.array(z.string()),
  request: RequestId.optional(),
  receipt: z.int().positive().optional(),
});
export type Act = z.infer<typeof Act>;

/** What became of one clause of the question. */
export const Clause = z.strictObject({
  text: z.string(),
  outcome: z.enum(['answered', 'offered', 'refused', 'model-required']),
  runbook: z.string().optional(),
  /** Words of the clause that matched the runbook. */
  words: z.array(z.string()),
  score: z.number().optional(),
  /** The nearest runbooks, where none was run. */
  nearest: z.array(z.strictObject({ runbook: z.string(), title: z.string(), score: z.number() })),
  /** Slots of the nearest runbook that the question leaves open: why it was not run. */
  open: z.array(z.string()).optional(),
  /** Of a refusal: the rule. */
  rule: z.string().optional(),
  /** Of a refusal: the entry that records it, as `receipts` numbers it. */
  receipt: z.int().positive().optional(),
});
export type Clause = z.infer<typeof Clause>;

/** An answer is data. Its canonical JSON is what the log names. */
export const Answer = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^a-[0-9a-f]{32}$/),
  session: SessionId,
  turn: TurnId,
  planner: z.enum(['runbook', 'free', 'call']),
  question: z.string(),
  clauses: z.array(Clause),
  findings: z.array(Finding),
  facts: z.array(Fact),
  acts: z.array(Act),
  notChecked: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  /** A sentence of a free planner's own, cut to what facts hold; empty otherwise. */
  prose: Phrase,
  /** Receipts of outcomes and refusals, numbered from 1 in this order. */
  receipts: z.array(Receipt),
});
export type Answer = z.infer<typeof Answer>;

/** An answer with the bytes that its facts were parsed from: all that a check needs. */
export const AnswerBundle = z.strictObject({
  answer: Answer,
  /** Base64 of each artifact by its digest. */
  artifacts: z.record(Digest, z.base64()),
  /** The runbooks that it was made by, as they were; what is included stands before its includer. */
  runbooks: z.array(z.json()),
  /** Which output each step brought. */
  steps: z.array(
    z.strictObject({
      runbook: z.string(),
      step: z.string(),
      artifact: Digest,
      receipt: z.int().positive(),
    }),
  ),
  /** The entry by which the log knows this answer. */
  recorded: Receipt,
});
export type AnswerBundle = z.infer<typeof AnswerBundle>;
