import type { Catalogue } from '../skill/catalogue.ts';
import { type Plan } from '../runbook/plan.ts';
import { planRunbook } from '../runbook/plan-runbook.ts';
import { fillSlots } from '../runbook/slots.ts';
import type { SelectOptions } from '../selection/select.ts';
import { planOf } from '../selection/plan-question.ts';
import { AgentError } from '../errors.ts';
import { planCall } from './call.ts';
import type { Recorder } from './recorder.ts';
import type { Planned, Turn } from './turn.ts';

export interface PlanOptions {
  readonly catalogue: Catalogue;
  readonly select: SelectOptions;
  readonly recorder: Recorder;
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
      return planRunbook(turn, () => planQuestion(turn, task.text, options));
  }
}

async function planQuestion(
  turn: Turn,
  text: string,
  { catalogue, select, recorder }: PlanOptions,
): Promise<Plan> {
  const { session, turn: name } = turn.begun;
  const told = { kind: 'turn', verb: 'refused', session, turn: name, planner: 'runbook' } as const;
  const refuse = (rule: string) => recorder.record({ ...told, rule }, turn.signal);
  const plan = await planOf(text, { catalogue, select, refuse });
  if (plan.clauses.some(({ outcome }) => outcome !== 'model-required')) {
    return { ...plan, slots: fillSlots(plan.runbooks, plan.slots) };
  }
  throw new AgentError(
    'MODEL_REQUIRED',
    'no runbook here has to do with this; a language model is added by: physiclaw model use URL',
  );
}
