import { ApprovalSnapshot, methods, policy, type socketEvents } from '@physiclaw/contracts';
import type { ApprovalRequest } from '@physiclaw/contracts';
import { z } from 'zod';
import type { Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';
import type { Followers } from '../socket/followers.ts';
import type { Rooms } from './rooms.ts';

const Intent = z.looseObject({ actuator: z.string() });

/**
 * What waits for a person's yes or no. A client of the protocol can look; to decide somebody signs,
 * and all who may approve hear of it.
 */
export function seatApprovals(desk: Desk, rooms: Rooms, followers: Followers): void {
  desk
    .answer('approvals', methods.approvals, (request) =>
      rooms.policy.ask(policy.calls.requests, request),
    )
    .answer('approve', methods.approve, async (signed) => {
      const answered = await rooms.policy.ask(policy.calls.answer, signed);
      await followers.tellRequest(signed.statement.request);
      return answered;
    })
    .answer('approval.get', methods['approval.get'], async ({ id }) => {
      const { requests } = await rooms.policy.ask(policy.calls.requests, {});
      const request = requests.find((one) => one.request === id);
      if (request) return { approval: snapshotOf(request) };
      throw new GatewayError('GATEWAY_TURN_UNKNOWN', `there is no request ${id}`);
    })
    .answer('approval.resolve', methods['approval.resolve'], ({ id }) => {
      throw new GatewayError(
        'GATEWAY_SIGNATURE_REQUIRED',
        `expected a signed statement about ${id}: a person signs it, and the method approve takes it`,
      );
    });
}

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

function snapshotOf(request: ApprovalRequest): ApprovalSnapshot {
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
  const { actuator } = Intent.parse(JSON.parse(intent));
  return {
    id: request,
    urlPath: `/#approvals/${request}`,
    createdAtMs: Date.parse(requestedAt),
    expiresAtMs: Date.parse(notAfter),
    presentation: {
      kind: 'plugin',
      title: actuator.slice(0, 80),
      description: `asked by ${rules.join(', ')}`.slice(0, 512),
      detail: intent.slice(0, 16_384),
      severity: 'warning',
      toolName: actuator,
      allowedDecisions: ['allow-once', 'deny'],
    },
  };
}
