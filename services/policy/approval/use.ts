import type { DecisionEvent } from '@physiclaw/contracts';
import { bootClock } from '@physiclaw/platform';
import type { Parts } from '../parts.ts';
import { holderOf } from '../people/people.ts';
import { findRequest, type Request, stateOf } from './requests.ts';

/**
 * A request, where an approval that was used for a capability which never began and can no longer
 * begin counts as not used: that run of the gate is over, or the time. The gate has the log take
 * each approval once, so even a mistake here does not make two acts of one.
 */
export async function asOfNow(name: string, parts: Parts): Promise<Request> {
  const { events, lease, log } = parts;
  const request = findRequest(name, parts);
  const { capability = '', epoch, expires } = request.used?.event ?? {};
  const { boot, seconds } = bootClock();
  const over = expires?.boot !== boot || expires.seconds <= seconds;
  if (!request.used || (epoch === lease.epoch && !over)) return request;
  await log.settle(true);
  if (events.latest('started', capability)) return request;
  return { ...request, state: stateOf(request.answered, request.notAfter) };
}

/** Why the approval of a request does not count for a call of a session under a policy. */
export function refusalOf(
  { asked, state }: Request,
  call: { readonly session: string; readonly intent: string; readonly policy: string },
): string | undefined {
  const { session, intent, policy } = asked.event;
  if (session !== call.session || intent !== call.intent) return 'approval:other-intent';
  if (policy !== call.policy) return 'approval:other-policy';
  return state === 'approved' ? undefined : `approval:${state}`;
}

/** What an entry holds of an approval, so that the gate can check it by itself. */
export function evidenceOf(
  { name, answered }: Request,
  principal: string,
  { events }: Pick<Parts, 'events'>,
): Partial<DecisionEvent> {
  if (!answered) return {};
  const { signed } = answered.event;
  const approver = holderOf(signed.statement.key, events);
  return {
    request: name,
    statements: [signed],
    enrolments: approver ? [approver.enrolment] : [],
    selfApproved: approver?.person === principal,
  };
}
