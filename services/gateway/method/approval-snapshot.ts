import { type ApprovalRequest, ApprovalSnapshot, type socketEvents } from '@physiclaw/contracts';
import { z } from 'zod';

const Intent = z.looseObject({ actuator: z.string() });

/** The protocol's event about a request. */
export function approvalEvent(
  request: ApprovalRequest,
): z.input<(typeof socketEvents)['session.approval']> {
  return {
    sessionKey: request.session,
    updatedAtMs: Date.now(),
    phase: request.state === 'pending' ? 'pending' : 'terminal',
    approval: snapshotOf(request),
  };
}

/** The request as the protocol shows one. */
export function snapshotOf(request: ApprovalRequest): ApprovalSnapshot {
  const { state, answeredAt, notAfter } = request;
  const shown = shownOf(request);
  const resolvedAtMs = Date.parse(answeredAt ?? notAfter);
  const allowed = { status: 'allowed', decision: 'allow-once', reason: 'user' };
  const ends = {
    pending: { status: 'pending' },
    approved: { ...allowed, resolvedAtMs },
    used: { ...allowed, resolvedAtMs },
    denied: { status: 'denied', decision: 'deny', reason: 'user', resolvedAtMs },
    expired: { status: 'expired', reason: 'timeout', resolvedAtMs },
  };
  return ApprovalSnapshot.parse({ ...shown, ...ends[state] });
}

function shownOf({ request, intent, requestedAt, notAfter, rules }: ApprovalRequest) {
  // Of a request whose bytes are lost nobody can say what would run.
  const actuator = intent === '' ? 'unknown' : Intent.parse(JSON.parse(intent)).actuator;
  return {
    id: request,
    urlPath: `/#approvals/${request}`,
    createdAtMs: Date.parse(requestedAt),
    expiresAtMs: Date.parse(notAfter),
    presentation: {
      kind: 'plugin',
      title: actuator.slice(0, 80),
      description: `asked by ${rules.join(', ')}`.slice(0, 512),
      detail: intent.slice(0, 16_384) || 'what would run is lost',
      severity: 'warning',
      toolName: actuator,
      allowedDecisions: ['allow-once', 'deny'],
    },
  };
}
