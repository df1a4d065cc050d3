import {
  AnswerError,
  holds,
  namesFor,
  readSheet,
  type Runbook,
  scopeOf,
  type Sheet,
  type Step,
  type StepResult,
} from '@physiclaw/answer';
import { type AnswerBundle, type Effect, tools } from '@physiclaw/contracts';
import type { AnswerBook } from '../answer/answer-book.ts';
import { act } from '../gate/act.ts';
import type { Actor } from '../gate/actor.ts';
import { patiently } from '../gate/patience.ts';
import { complaintOf, readReply } from '../gate/reply.ts';
import type { Acted } from '../gate/result.ts';
import type { Plan } from './plan.ts';
import { fillArguments } from './slots.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly book: AnswerBook;
  /** The entry of the question: what a slot's value was made from. */
  readonly asked: number;
}

/** What the steps brought, and what a check of it needs. */
export interface Evidence {
  readonly results: StepResult[];
  readonly artifacts: AnswerBundle['artifacts'];
}

const MOST_STEPS = 64;

/** Runs the steps of a plan one after the other; what fails is told, and the others go on. */
export async function runSteps(actor: Actor, options: RunOptions): Promise<Evidence> {
  const { plan, book } = options;
  const evidence: Evidence = { results: [], artifacts: {} };
  const sheets: Sheet[] = [];
  const effects = await effectsOf(actor);
  const steps = plan.runbooks.flatMap((runbook) =>
    runbook.steps.map((step) => ({ runbook, step })),
  );
  for (const { runbook, step } of steps.slice(0, MOST_STEPS)) {
    const undeclared = changesOf(effects.get(step.actuator)).find(
      (effect) => !runbook.changes.includes(effect),
    );
    if (undeclared !== undefined) {
      book.notChecked.push({ what: step.title, why: `undeclared effect: ${undeclared}` });
      continue;
    }
    if (!wantsStep({ runbook, step }, sheets, options)) continue;
    const result = await runStep(actor, { runbook, step }, options);
    if (result === undefined) continue;
    const { bytes, artifact } = result;
    evidence.results.push(result);
    evidence.artifacts[artifact] = Buffer.from(bytes).toString('base64');
    const sheet = orUndefined(() => readSheet(runbook, step, result));
    if (sheet) sheets.push(sheet);
  }
  for (const { step } of steps.slice(MOST_STEPS)) {
    book.notChecked.push({ what: step.title, why: 'the turn has no more steps' });
  }
  return evidence;
}

/** What each actuator says that it can do. */
async function effectsOf({ desk, signal }: Actor): Promise<ReadonlyMap<string, readonly Effect[]>> {
  const { actuators } = await patiently(
    'tools',
    () => desk.tools.ask(tools.calls.actuators, {}, { signal }),
    { log: desk.log, signal },
  );
  return new Map(actuators.map(({ name, effects }) => [name, effects]));
}

/** A runbook is matched and read by what it declares: a step does nothing beside it. */
function changesOf(effects: readonly Effect[] = []): Effect[] {
  return effects.filter((effect) => !effect.startsWith('read-'));
}

interface Place {
  readonly runbook: Runbook;
  readonly step: Step;
}

function wantsStep(
  { runbook, step }: Place,
  sheets: readonly Sheet[],
  { plan, book }: RunOptions,
): boolean {
  if (step.when === undefined) return true;
  const names = scopeOf(namesFor(runbook, plan.runbooks, sheets));
  const wants = orUndefined(() => holds(step.when ?? 'true', { ...plan.slots, ...names }));
  if (wants === undefined) {
    book.notChecked.push({ what: step.title, why: 'what it depends on is not known' });
  }
  return wants === true;
}

async function runStep(
  actor: Actor,
  { runbook, step }: Place,
  { plan, book, asked }: RunOptions,
): Promise<StepResult | undefined> {
  const { title, actuator } = step;
  const filled = fillArguments(step.arguments, runbook, plan.slots);
  const wanted = {
    step: `${runbook.id}.${step.id}`,
    title,
    actuator,
    arguments: filled.arguments,
    provenance: Object.fromEntries(filled.fromSlots.map((name) => [name, [asked]])),
  };
  const acted = await act(actor, wanted, (request, rules) => book.waiting(wanted, request, rules));
  const { receipt } = book.add(wanted, acted);
  const { outcome } = acted;
  // An actuator that failed says itself why.
  const says = acted.label === 'done' || outcome?.reason === 'exit';
  const reply = outcome && says ? await readReply(actor, outcome) : whyNot(acted);
  const complaint = typeof reply === 'string' ? reply : complaintOf(reply);
  if (complaint !== undefined || typeof reply === 'string' || receipt === undefined) {
    book.notChecked.push({ what: title, why: complaint ?? 'no output' });
    return undefined;
  }
  const { digest: artifact, bytes } = reply;
  return { runbook: runbook.id, step: step.id, artifact, bytes, receipt };
}

function whyNot({ label, rules }: Acted): string {
  return rules.length === 0 ? label : `${label}: ${rules.join(', ')}`;
}

/** An expression or a reply that cannot be read says nothing; the conclusions say why. */
function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AnswerError) return undefined;
    throw error;
  }
}
