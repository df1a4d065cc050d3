import type { Act, Answer, Receipt, Task } from '@physiclaw/contracts';
import { z } from 'zod';
import type { Wanted } from '../gate/act.ts';
import type { Acted } from '../gate/result.ts';
import type { Begun, EventData } from '../turn/event-store.ts';

type Rest = Partial<Pick<Answer, 'findings' | 'facts' | 'prose' | 'notChecked'>>;

/** Gathers the parts of a turn's answer; a receipt has one number, in the order of its first use. */
export class AnswerBook {
  readonly #begun: Begun;
  /** A free plan that its model left is carried on by a runbook. */
  planner: Answer['planner'];
  readonly #receipts: Receipt[] = [];
  readonly acts: Act[] = [];
  readonly clauses: Answer['clauses'] = [];
  readonly notChecked: Answer['notChecked'] = [];

  constructor(begun: Begun, planner: Answer['planner']) {
    this.#begun = begun;
    this.planner = planner;
  }

  number(receipt: Receipt): number {
    const at = this.#receipts.findIndex(({ index }) => index === receipt.index);
    return at >= 0 ? at + 1 : this.#receipts.push(receipt);
  }

  /** Adds what came of a call; the act's receipt is that of its outcome, or of the refusal. */
  add(wanted: Pick<Wanted, 'actuator' | 'title'>, { receipt, ...acted }: Acted): Act {
    const act = actOf(wanted, acted);
    if (receipt) act.receipt = this.number(receipt);
    this.acts.push(act);
    return act;
  }

  /** What followers get while a person is asked: the answer so far, with this act as it stands. */
  waiting(
    wanted: Pick<Wanted, 'actuator' | 'title'>,
    request: string,
    rules: readonly string[],
  ): EventData {
    const { title, actuator } = wanted;
    const act = actOf(wanted, { label: 'waits', rules, request });
    const answer = { ...this.answer(), acts: [...this.acts, act] };
    return { title, actuator, rules: [...rules], answer: z.json().parse(answer) };
  }

  /** The answer so far. It has the turn's own number: a turn that is resumed answers the same. */
  answer({ findings = [], facts = [], prose = [], notChecked = [] }: Rest = {}): Answer {
    const { turn, session, task } = this.#begun;
    return {
      version: 1,
      id: `a-${turn.slice(2)}`,
      session,
      turn,
      planner: this.planner,
      question: questionOf(task),
      clauses: [...this.clauses],
      findings,
      facts,
      acts: [...this.acts],
      notChecked: [...this.notChecked, ...notChecked],
      prose,
      receipts: [...this.#receipts],
    };
  }
}

function actOf(
  { actuator, title }: Pick<Wanted, 'actuator' | 'title'>,
  { label, rules, request }: Omit<Acted, 'receipt' | 'outcome'>,
): Act {
  return { label, actuator, title, rules: [...rules], ...(request !== undefined && { request }) };
}

function questionOf(task: Task): string {
  if (task.type === 'question') return task.text;
  return task.type === 'runbook' ? task.runbook : task.actuator;
}
