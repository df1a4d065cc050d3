import type { DecisionEvent, Effect, SignedApproval } from '@physiclaw/contracts';
import { verifyStatement } from '@physiclaw/proof';
import { demand } from '../errors.ts';
import { floorOf } from './floor.ts';

export interface Approvals {
  readonly decision: DecisionEvent;
  readonly effects: readonly Effect[];
  /** The log as the receipt shows it. */
  readonly log: { readonly origin: string; readonly size: number };
  /** Whose key it is, by the log. */
  readonly approver: (key: string) => string | undefined;
  /** Wall time: a statement's end is a date that a person was shown. */
  readonly now: Date;
}

/** Every statement holds, and as many people signed as the floor demands. */
export function checkStatements(approvals: Approvals): void {
  const { decision, effects, approver } = approvals;
  const { statements, actuator } = decision;
  const sound = statements.every((signed) => holds(signed, approvals));
  demand(sound, 'TOOLS_STATEMENT_INVALID', 'a statement does not approve just this');
  const people = new Set(statements.map(({ statement }) => approver(statement.key)));
  const floor = floorOf(actuator, effects);
  const enough = people.size >= floor;
  demand(enough, 'TOOLS_FLOOR_UNMET', `${actuator} needs ${floor} people, ${people.size} signed`);
}

function holds(signed: SignedApproval, { decision, log, approver, now }: Approvals): boolean {
  const { statement } = signed;
  return [
    statement.verdict === 'approve',
    statement.scope === 'once',
    statement.request === decision.request,
    statement.intent === decision.intent,
    statement.policy === decision.policy,
    statement.log.origin === log.origin && statement.log.size <= log.size,
    Date.parse(statement.notAfter) > now.getTime(),
    approver(statement.key) !== undefined,
    verifyStatement(signed),
  ].every(Boolean);
}
