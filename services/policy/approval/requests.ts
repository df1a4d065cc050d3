import {
  type ApprovalRequest,
  type DecisionEvent,
  type policy,
  SpiffeId,
} from '@physiclaw/contracts';
import type { z } from 'zod';
import { demand } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { holderOf, mayApprove } from '../people/directory.ts';
import type { Entry, Events } from '../state/events.ts';

const LAST = new Set<ApprovalRequest['state']>(['denied', 'expired', 'used']);
const SHOWN = 100;

// Those that wait, the oldest first, then the others, the newest first. A decision that asks has the
// request for its subject, and a request is all that begins with `r-`.
const NAMES = `
  SELECT request, time > @since AND NOT EXISTS (
    SELECT 1 FROM event answer WHERE answer.kind = 'approval' AND answer.subject = asked.subject
  ) waits FROM event asked
  WHERE kind = 'decision' AND verdict = 'ask' AND subject BETWEEN @from AND @to
    AND waits IS coalesce(@waits, waits) ORDER BY waits DESC, iif(waits, entry, -entry)
`;

/** A request for approval, as the log tells it. */
export interface Request {
  readonly name: string;
  readonly asked: Entry<'decision'>;
  readonly answered: Entry<'approval'> | undefined;
  /** The latest decision that the approval was used for. */
  readonly used: Entry<'decision'> | undefined;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly state: ApprovalRequest['state'];
}

/** What it takes to know a request. */
export interface Known extends Pick<Parts, 'events'> {
  readonly config: Pick<Parts['config'], 'approvalMinutes'>;
}

/** @throws PolicyError POLICY_REQUEST_UNKNOWN when there is none. */
export function findRequest(name: string, { events, config }: Known): Request {
  const decisions = events.all('decision', name);
  const asked = decisions.find(({ event }) => event.verdict === 'ask');
  demand(asked !== undefined, 'POLICY_REQUEST_UNKNOWN', `there is no request ${name}`);
  const used = decisions.find(({ event }) => event.verdict === 'allow');
  // The first answer stands; the log takes no other.
  const answered = events.all('approval', name).at(-1);
  const notAfter = asked.time + config.approvalMinutes * 60_000;
  const request = { name, asked, answered, used, notAfter };
  return { ...request, state: used ? 'used' : stateOf(request, events) };
}

/**
 * Requests as a person sees them before he signs, the newest first: at most a hundred, of which those
 * that wait go before the others, and the oldest of them before all.
 */
export async function showRequests(
  { request, state }: z.output<typeof policy.calls.requests.request>,
  parts: Parts,
): Promise<ApprovalRequest[]> {
  const found = namesOf(parts, state ? Number(state === 'pending') : null, request)
    .slice(0, SHOWN)
    .map((name) => findRequest(name, parts))
    .filter((one) => state === undefined || one.state === state)
    .toSorted((one, other) => other.asked.index - one.asked.index);
  return Promise.all(found.map((one) => show(one, parts)));
}

/** How many wait for a person. */
export function countPending(parts: Known): number {
  return namesOf(parts, 1).length;
}

/**
 * The state of a request, now and at each change, until it cannot change any more.
 *
 * @throws PolicyError POLICY_REQUEST_UNKNOWN when there is none.
 */
export async function* followRequest(
  name: string,
  { events, config, bell }: Known & Pick<Parts, 'bell'>,
  signal: AbortSignal,
): AsyncGenerator<Pick<Request, 'state'>> {
  let known: Request['state'] | undefined;
  while (!signal.aborted) {
    const { state, notAfter } = findRequest(name, { events, config });
    if (state !== known) yield { state };
    if (LAST.has(state)) return;
    known = state;
    await bell.wait(Math.max(notAfter - Date.now(), 0), signal);
  }
}

/** Of a request whose approval was not used, or did not come to anything. */
function stateOf(request: Omit<Request, 'state'>, events: Events): Request['state'] {
  const verdict = request.answered?.event.signed.statement.verdict;
  if (verdict === 'deny') return 'denied';
  if (Date.now() >= request.notAfter || isOwn(request, events)) return 'expired';
  return verdict === 'approve' ? 'approved' : 'pending';
}

/** Whether who asked approved it himself while he was alone, and is not alone any more. */
function isOwn({ asked, answered }: Omit<Request, 'state'>, events: Events): boolean {
  const approver = answered && holderOf(answered.event.signed.statement.key, events);
  return approver !== undefined && !mayApprove(approver.person, asked.event.session, events);
}

function namesOf({ events, config }: Known, waits: number | null, request?: string): string[] {
  const since = Date.now() - config.approvalMinutes * 60_000;
  const names = events.database.prepare<[object], string>(NAMES).pluck();
  return names.all({ since, waits, from: request ?? 'r-', to: request ?? 'r.' });
}

async function show(request: Request, { events, intents, log }: Parts): Promise<ApprovalRequest> {
  const { name, asked, answered, notAfter, state } = request;
  const { session, turn, intent, rules, policy } = asked.event;
  return {
    request: name,
    session,
    principal: SpiffeId.parse(events.latest('session', session)?.event.principal),
    turn,
    // Bytes that are damaged or gone hide nothing else: they are not those of the hash.
    intent: await intents.get(intent).then(String, () => ''),
    hash: intent,
    rules,
    policy,
    state,
    decision: asked.index,
    requestedAt: new Date(asked.time).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    ...(answered && { answeredAt: new Date(answered.time).toISOString() }),
    log: { origin: log.origin, size: asked.index + 1 },
  };
}

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
  return began ? request : { ...request, state: stateOf(request, events) };
}

/** Why the approval of a request does not count for a call now, by the hash of its intent. */
export function refusalOf(
  request: Request,
  hash: string,
  { events, rules }: Parts,
): string | undefined {
  const { intent, policy } = request.asked.event;
  // The session is in the intent, and so in its hash.
  if (intent !== hash) return 'approval:other-intent';
  if (policy !== rules.digest) return 'approval:other-policy';
  if (request.state === 'approved') return undefined;
  const self = request.state === 'expired' && isOwn(request, events);
  return `approval:${self ? 'self' : request.state}`;
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
