import type { Peer } from '@physiclaw/platform';
import type { AnswerBook } from '../answer/answer-book.ts';
import { AgentError } from '../errors.ts';
import { planFreely } from '../free/plan-free.ts';
import type { Plan } from '../runbook/plan.ts';
import { planRunbook } from '../runbook/plan-runbook.ts';
import { fillSlots } from '../runbook/slots.ts';
import { planOf } from '../selection/plan-question.ts';
import type { SelectOptions } from '../selection/select.ts';
import type { Catalogue } from '../skill/catalogue.ts';
import { planCall } from './call.ts';
import type { Recorder } from './recorder.ts';
import type { Planned, Turn } from './turn.ts';

export interface PlanOptions {
  readonly catalogue: Catalogue;
  readonly select: SelectOptions;
  readonly recorder: Recorder;
  readonly model: Peer;
}

/** Each kind of task has its planner; all go through the same gate. */
export function planTask(turn: Turn, options: PlanOptions): Promise<Planned> {
  const { task } = turn.begun;
  switch (task.type) {
    case 'call':
      return planCall(turn, task);
    case 'runbook':
      return planRunbook(turn, () => {
        const runbooks = options.catalogue.whole([task.runbook]);
        const slots = fillSlots(runbooks, task.slots);
        return { clauses: [], refusals: [], runbooks, slots };
      });
    case 'question':
    default:
      return planQuestion(turn, task.text, options);
  }
}

function planQuestion(turn: Turn, question: string, options: PlanOptions): Promise<Planned> {
  const without = new AgentError(
    'MODEL_REQUIRED',
    'no runbook here has to do with this; a language model is added by: physiclaw model use URL',
  );
  const byRunbook = (has: (plan: Plan) => boolean, error: Error, book?: AnswerBook) =>
    planRunbook(
      turn,
      async () => {
        const plan = await choose(turn, question, options);
        if (has(plan)) return plan;
        throw error;
      },
      book,
    );
  if (turn.planner !== 'free') return byRunbook(saysSomething, without);
  return planFreely(turn, {
    question,
    model: options.model,
    fallBack: (book, failure) => {
      book.planner = 'runbook';
      return byRunbook(answersSomething, failure, book);
    },
  });
}

function saysSomething({ clauses }: Plan): boolean {
  return clauses.some(({ outcome }) => outcome !== 'model-required');
}

function answersSomething({ clauses }: Plan): boolean {
  return clauses.some(({ outcome }) => outcome === 'answered');
}

async function choose(
  turn: Turn,
  question: string,
  { catalogue, select, recorder }: PlanOptions,
): Promise<Plan> {
  const { session, turn: name } = turn.begun;
  const told = { kind: 'turn', verb: 'refused', session, turn: name, planner: 'runbook' } as const;
  const refuse = (rule: string) => recorder.record({ ...told, rule }, turn.signal);
  const plan = await planOf(question, { catalogue, select, refuse });
  return { ...plan, slots: fillSlots(plan.runbooks, plan.slots) };
}
