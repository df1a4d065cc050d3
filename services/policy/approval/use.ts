import type { DecisionEvent } from '@physiclaw/contracts';
import type { Parts } from '../parts.ts';
import { holderOf } from '../people/directory.ts';
import { findRequest, type Request, stateOf } from './requests.ts';

/**
 * A request as it counts for a decision: an approval is used once an act began with it, and not when
 * a capability was made that got lost on its way. Of all that were made for one approval the log
 * lets one begin, so that of several at once the gate still accepts one.
 */
export async function asOfNow(name: string, parts: Parts): Promise<Request> {
  const { events, log } = parts;
  const request = findRequest(name, parts);
  if (!request.used) return request;
  await log.settle(true);
  const began = events
    .all('decision', name)
    .some(({ event: { capability } }) => capability && events.latest('started', capability));
  return began ? request : { ...request, state: stateOf(request.answered, request.notAfter) };
}

/** Why the approval of a request does not count for a call under a policy. */
export function refusalOf(
  { asked, state }: Request,
  call: { readonly intent: string; readonly policy: string },
): string | undefined {
  const { intent, policy } = asked.event;
  // The session is in the intent, and so in its hash.
  if (intent !== call.intent) return 'approval:other-intent';
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
