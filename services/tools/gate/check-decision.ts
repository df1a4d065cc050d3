import type { BootTime, DecisionEvent, Intent } from '@physiclaw/contracts';
import { demand } from '../errors.ts';

export interface Binding {
  readonly intent: Intent;
  readonly hash: string;
  readonly epoch: string;
  readonly now: BootTime;
}

/** The decision is on exactly these bytes, in this session, for this run of the gate, and not over. */
export function checkBinding(decision: DecisionEvent, { intent, hash, epoch, now }: Binding): void {
  const { session, turn, actuator, expires, profile, driver } = decision;
  const here = session === intent.session && turn === intent.turn;
  demand(here, 'TOOLS_SESSION_MISMATCH', 'the decision was made in another session or turn');
  const onThis = decision.intent === hash && actuator === intent.actuator;
  demand(onThis, 'TOOLS_INTENT_MISMATCH', `expected a decision on ${hash}, got another`);
  demand(decision.epoch === epoch, 'TOOLS_EPOCH_PAST', 'it is for an earlier run of the gate');
  const inTime = expires?.boot === now.boot && now.seconds < expires.seconds;
  demand(inTime, 'TOOLS_EXPIRED', 'the capability is past its time');
  const confined = profile === intent.profile.name && driver === intent.profile.driver;
  demand(confined, 'TOOLS_PROFILE_MISMATCH', `the decision is for ${profile} of ${driver}`);
}
