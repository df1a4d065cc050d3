import type { DecisionEvent, SignedApproval } from '@physiclaw/contracts';
import { verifyStatement } from '@physiclaw/proof';
import { demand } from '../errors.ts';
import { floorOf } from './floor.ts';
import type { Effect } from '@physiclaw/contracts';

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
  for (const signed of decision.statements) {
    demand(
      holds(signed, approvals),
      'TOOLS_STATEMENT_INVALID',
      `the statement of ${signed.statement.key} does not approve this`,
    );
  }
  const people = new Set(decision.statements.map(({ statement }) => approver(statement.key)));
  const floor = floorOf(decision.actuator, effects);
  demand(
    people.size >= floor,
    'TOOLS_FLOOR_UNMET',
    `expected ${floor} people to have signed ${decision.actuator}, got ${people.size}`,
  );
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
