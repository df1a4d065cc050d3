import type { DecisionEvent, tools } from '@physiclaw/contracts';
import { bootClock } from '@physiclaw/platform';
import { openCheckpoint } from '@physiclaw/proof';
import type { z } from 'zod';
import type { Ground, Prepared } from '../intent/prepare.ts';
import { checkCapability } from './check-capability.ts';
import { checkBinding } from './check-decision.ts';
import { checkPrepared } from './check-intent.ts';
import { checkAllowed, checkReceipt } from './check-receipt.ts';
import { checkSession } from './check-session.ts';
import { checkStatements } from './check-statements.ts';
import type { Fold } from './fold.ts';
import type { History } from './history.ts';

export type Presented = z.output<typeof tools.calls.act.request>;

/** What the gate goes by. No other service can write any of it. */
export interface GateFacts {
  readonly trustDomain: string;
  /** The log's verifier key and the did:key of `policy`'s authority, both from the anchors. */
  readonly vkey: string;
  readonly authority: string;
  /** New at each start, so that a restart ends every capability. */
  readonly epoch: string;
  readonly history: History;
  readonly fold: Fold;
  readonly ground: Ground;
}

/** A call that may start once, if the log takes its keys. */
export interface Admitted {
  readonly decision: DecisionEvent;
  /** Index of the decision. */
  readonly index: number;
  readonly capability: string;
  /** What the log must accept for the first time: the capability, and each approval. */
  readonly once: string[];
}

/**
 * Every proof of a call, in the order of the design. Who presents it is not asked: nobody is trusted.
 *
 * @throws ToolsError with one code per check.
 */
export async function admit(
  asked: Prepared,
  presented: Presented,
  facts: GateFacts,
): Promise<Admitted> {
  const { intent, hash } = asked;
  const { vkey, authority, epoch, fold, ground } = facts;
  const evidence = checkReceipt(presented.receipt, vkey);
  await facts.history.accept(evidence);
  const decision = checkAllowed(evidence, facts.trustDomain);
  const did = checkSession(intent, fold, ground.workspaces);
  checkBinding(decision, { intent, hash, epoch, now: bootClock() });
  const capability = decision.capability ?? '';
  checkCapability({
    delegation: Buffer.from(presented.delegation, 'base64'),
    invocation: Buffer.from(presented.invocation, 'base64'),
    authority,
    audience: did,
    sessionId: intent.session,
    intent: hash,
    epoch,
    capability,
  });
  checkStatements({
    decision,
    effects: intent.effects,
    log: openCheckpoint(presented.receipt.checkpoint, vkey),
    approver: (key) => fold.approver(key, intent.session),
    now: new Date(),
  });
  await checkPrepared(asked, ground);
  const requests = decision.statements.map(({ statement }) => `req:${statement.request}`);
  const once = [`cap:${capability}`, ...new Set(requests)];
  return { decision, index: evidence.index, capability, once };
}
