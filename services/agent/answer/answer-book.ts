import { randomBytes } from 'node:crypto';
import type { Act, Answer, Receipt } from '@physiclaw/contracts';
import type { Acted, Wanted } from '../gate/act.ts';
import type { Begun } from '../turn/event-store.ts';

/** Gathers the parts of a turn's answer; a receipt has one number, in the order of its first use. */
export class AnswerBook {
  readonly #begun: Begun;
  readonly #planner: Answer['planner'];
  readonly #receipts: Receipt[] = [];
  readonly acts: Act[] = [];
  readonly clauses: Answer['clauses'] = [];
  readonly notChecked: Answer['notChecked'] = [];

  constructor(begun: Begun, planner: Answer['planner']) {
    this.#begun = begun;
    this.#planner = planner;
  }

  number(receipt: Receipt): number {
    const at = this.#receipts.findIndex(({ index }) => index === receipt.index);
    return at >= 0 ? at + 1 : this.#receipts.push(receipt);
  }

  /** Adds what came of a call; the act's receipt is that of its outcome, or of the refusal. */
  add({ actuator, title }: Wanted, { label, rules, request, receipt }: Acted): Act {
    const act: Act = {
      label,
      actuator,
      title,
      rules: [...rules],
      ...(request !== undefined && { request }),
      ...(receipt && { receipt: this.number(receipt) }),
    };
    this.acts.push(act);
    return act;
  }

  /** The answer so far. */
  answer(rest: Partial<Pick<Answer, 'findings' | 'facts' | 'prose' | 'notChecked'>> = {}): Answer {
    const { turn, session, task } = this.#begun;
    return {
      version: 1,
      id: `a-${randomBytes(16).toString('hex')}`,
      session,
      turn,
      planner: this.#planner,
      question:
        task.type === 'question'
          ? task.text
          : task.type === 'runbook'
            ? task.runbook
            : task.actuator,
      clauses: [...this.clauses],
      findings: rest.findings ?? [],
      facts: rest.facts ?? [],
      acts: [...this.acts],
      notChecked: [...this.notChecked, ...(rest.notChecked ?? [])],
      prose: rest.prose ?? [],
      receipts: [...this.#receipts],
    };
  }
}
