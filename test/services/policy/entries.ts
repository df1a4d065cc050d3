import type { DecisionEvent } from '@physiclaw/contracts';
import type { Entry } from '#services/policy/state/events.ts';
import { newName } from './intents.ts';

/** A decision as the log would hold it: allowed, unless a test wants otherwise. */
export function decisionOf(index: number, more: Partial<DecisionEvent> = {}): Entry<'decision'> {
  const event: DecisionEvent = {
    kind: 'decision',
    session: newName('s'),
    turn: newName('t'),
    intent: '0'.repeat(64),
    actuator: 'read_file',
    verdict: 'allow',
    rules: [],
    policy: '0'.repeat(64),
    statements: [],
    enrolments: [],
    profile: 'sandbox',
    driver: 'bubblewrap',
    isolation: 'none',
    mode: 'solo',
    selfApproved: false,
    ...more,
  };
  return { index, time: Date.now(), event };
}
