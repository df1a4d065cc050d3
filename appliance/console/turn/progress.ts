import { Answer, Receipt, type TurnEvent } from '@physiclaw/contracts';
import { z } from 'zod';

export type StepState = 'asks' | 'waits' | 'runs' | 'done' | 'refused';

/** One call of a turn, as far as it came. */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly actuator: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** The request that it waits for, or waited for. */
  readonly request?: string;
  readonly rules: readonly string[];
  readonly receipt?: Receipt;
}

/** A turn, as far as its events tell. */
export interface Progress {
  /** The next event's number. */
  readonly next: number;
  readonly began?: string;
  readonly steps: readonly Step[];
  /** What is going on, in a line. */
  readonly now: string;
  readonly answer?: Answer;
  readonly isEnded: boolean;
  readonly failure?: { readonly code: string; readonly message: string };
}

export const notBegun: Progress = {
  next: 0,
  steps: [],
  now: 'The question is sent',
  isEnded: false,
};

const Told = z.object({
  actuator: z.string().default(''),
  title: z.string().default(''),
  request: z.string().optional(),
  rules: z.array(z.string()).default([]),
  receipt: Receipt.optional().catch(undefined),
  code: z.string().default(''),
  message: z.string().default(''),
  verdict: z.string().default(''),
});
type Told = z.infer<typeof Told>;

/** The turn after one more event. */
export function advance(progress: Progress, event: TurnEvent): Progress {
  // Whoever follows again from the start hears what he has heard.
  if (event.sequence !== progress.next) return progress;
  const told = Told.parse(event.data);
  const next = {
    ...progress,
    next: event.sequence + 1,
    began: progress.began ?? event.at,
    steps: stepsAfter(progress.steps, event, told),
    now: sayingOf(event, told) ?? progress.now,
  };
  if (event.name === 'assistant.message') {
    return { ...next, answer: Answer.parse(event.data['answer']), isEnded: true };
  }
  if (event.name !== 'turn.failed') return next;
  return { ...next, isEnded: true, failure: { code: told.code, message: told.message } };
}

const STATES: Partial<Record<TurnEvent['name'], StepState>> = {
  'tool.requested': 'asks',
  'approval.requested': 'waits',
  'approval.granted': 'asks',
  'tool.started': 'runs',
  'tool.completed': 'done',
  'tool.refused': 'refused',
};

function stepsAfter(steps: readonly Step[], event: TurnEvent, told: Told): readonly Step[] {
  const state = STATES[event.name];
  if (event.step === undefined || state === undefined) return steps;
  const known = steps.find(({ id }) => id === event.step);
  const step = changed(known ?? begun(event.step, event.at), state, event, told);
  return known ? steps.map((one) => (one === known ? step : one)) : [...steps, step];
}

function begun(id: string, startedAt: string): Step {
  return { id, title: id, actuator: '', state: 'asks', startedAt, rules: [] };
}

function changed(step: Step, state: StepState, { at }: TurnEvent, told: Told): Step {
  return {
    ...step,
    state,
    title: told.title || step.title,
    actuator: told.actuator || step.actuator,
    rules: told.rules.length > 0 ? told.rules : step.rules,
    ...(told.request !== undefined && { request: told.request }),
    ...(told.receipt && { receipt: told.receipt }),
    ...((state === 'done' || state === 'refused') && { endedAt: at }),
  };
}

const SAYINGS: Partial<Record<TurnEvent['name'], string>> = {
  'user.message': 'The question is recorded',
  'turn.planned': 'The plan is made',
  'tool.requested': 'Asks policy: ',
  'approval.requested': 'Waits for a person’s approval',
  'approval.granted': 'Approved',
  'approval.denied': 'Denied',
  'approval.expired': 'Nobody approved in time',
  'tool.started': 'Runs: ',
  'tool.refused': 'Refused by policy',
  'model.requested': 'Asks the model',
  'verification.passed': 'The answer passed its check',
  'verification.failed': 'The answer did not pass its check',
  'assistant.message': 'The answer is here',
  'turn.failed': 'The turn failed',
};

/** What a listener hears while the turn goes on. */
function sayingOf({ name }: TurnEvent, { title, actuator }: Told): string | undefined {
  const saying = SAYINGS[name];
  return saying?.endsWith(': ') ? saying + (title || actuator) : saying;
}
