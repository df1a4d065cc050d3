import { conclude } from '@physiclaw/answer';
import { z } from 'zod';
import { AnswerBook } from '../answer/answer-book.ts';
import type { Planned, Turn } from '../turn/turn.ts';
import { Plan } from './plan.ts';
import { runSteps } from './run-steps.ts';

/**
 * A turn by runbook: its plan is made once, then carried out; the answer follows from the outputs.
 *
 * @param book with what was done before, where another planner began.
 */
export async function planRunbook(
  turn: Turn,
  make: () => Plan | Promise<Plan>,
  book = new AnswerBook(turn.begun, 'runbook'),
): Promise<Planned> {
  const { desk, begun } = turn;
  const told = desk.events
    .events(begun.turn)
    .find(({ name, data }) => name === 'turn.planned' && data['planner'] === 'runbook');
  const plan = told ? Plan.parse(told.data['plan']) : await make();
  if (!told) {
    const data = { planner: 'runbook', plan: z.json().parse(plan) };
    desk.events.append(begun, { name: 'turn.planned', data });
  }
  book.clauses.push(...plan.clauses);
  for (const { clause, receipt } of plan.refusals) {
    const refused = book.clauses[clause];
    if (refused) book.clauses[clause] = { ...refused, receipt: book.number(receipt) };
  }
  const { results, artifacts } = await runSteps(turn, { plan, book, asked: turn.asked });
  return {
    answer: book.answer(conclude(plan.runbooks, results)),
    artifacts,
    runbooks: plan.runbooks.map((runbook) => z.json().parse(runbook)),
    steps: results.map(({ runbook, step, artifact, receipt }) => ({
      runbook,
      step,
      artifact,
      receipt,
    })),
  };
}
