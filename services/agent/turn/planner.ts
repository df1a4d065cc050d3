import { inference, type Task } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';

const PATIENCE_MS = 2000;

/** By what a question is answered now: by the model that was added, while it can be asked for. */
export async function questionPlanner(model: Peer): Promise<'runbook' | 'free'> {
  try {
    const { list } = inference.calls;
    const { backends } = await model.ask(list, {}, { patienceMs: PATIENCE_MS });
    return backends.length > 0 ? 'free' : 'runbook';
  } catch (error) {
    // What only thinks is never waited for: runbooks need no model.
    if (error instanceof ApplianceError) return 'runbook';
    throw error;
  }
}

export async function plannerFor(
  { type }: Task,
  model: Peer,
): Promise<'runbook' | 'free' | 'call'> {
  return type === 'question' ? questionPlanner(model) : type;
}
