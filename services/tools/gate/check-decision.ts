import type { BootTime, DecisionEvent, Intent } from '@physiclaw/contracts';
import { demand } from '../errors.ts';

export interface Binding {
  readonly intent: Intent;
  readonly hash: string;
  readonly epoch: string;
  readonly now: BootTime;
}

/** The decision is on exactly these bytes, in this session, for this run of the gate, and not over. */
export function checkBinding(decision: DecisionEvent, binding: Binding): void {
  const { intent, hash, epoch, now } = binding;
  const { expires } = decision;
  demand(
    decision.session === intent.session && decision.turn === intent.turn,
    'TOOLS_SESSION_MISMATCH',
    'the decision was made in another session or turn',
  );
  demand(
    decision.intent === hash && decision.actuator === intent.actuator,
    'TOOLS_INTENT_MISMATCH',
    `expected a decision on ${hash}, got one on ${decision.intent}`,
  );
  demand(
    decision.epoch === epoch,
    'TOOLS_EPOCH_PAST',
    'the capability was made for an earlier run of the gate',
  );
  demand(
    expires !== undefined && expires.boot === now.boot && now.seconds < expires.seconds,
    'TOOLS_EXPIRED',
    'the capability is past its time',
  );
  demand(
    decision.profile === intent.profile.name && decision.driver === intent.profile.driver,
    'TOOLS_PROFILE_MISMATCH',
    `expected profile ${intent.profile.name} of ${intent.profile.driver}, as the intent names it`,
  );
}
