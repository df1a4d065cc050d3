import type { Catalogue } from '../skill/catalogue.ts';
import { planRunbook } from '../runbook/plan-runbook.ts';
import { fillSlots } from '../runbook/slots.ts';
import { planCall } from './call.ts';
import { AgentError } from '../errors.ts';
import type { Planned, Turn } from './turn.ts';

/** Each kind of task has its planner; all go through the same gate. */
export function planTask(turn: Turn, { catalogue }: { catalogue: Catalogue }): Promise<Planned> {
  const { task } = turn.begun;
  switch (task.type) {
    case 'call':
      return planCall(turn, task);
    case 'runbook': {
      const runbooks = catalogue.whole([task.runbook]);
      return planRunbook(turn, () => ({
        clauses: [],
        runbooks,
        slots: fillSlots(runbooks, task.slots),
      }));
    }
    case 'question':
    default:
      return planQuestion(turn, task.text);
  }
}

function planQuestion(_: Turn, text: string): Promise<Planned> {
  throw new AgentError('MODEL_REQUIRED', text);
}
