import { methods, policy } from '@physiclaw/contracts';
import type { Desk } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';
import type { Followers } from '../socket/followers.ts';
import { snapshotOf } from './approval-snapshot.ts';
import type { Rooms } from './rooms.ts';

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
      const { requests } = await rooms.policy.ask(policy.calls.requests, { request: id });
      const request = requests.find((one) => one.request === id);
      if (request) return { approval: snapshotOf(request) };
      throw new GatewayError(
        'GATEWAY_REQUEST_UNKNOWN',
        `expected a request for approval, found none of the name ${id}; \`approvals\` lists them`,
      );
    })
    .answer('approval.resolve', methods['approval.resolve'], ({ id }) => {
      throw new GatewayError(
        'GATEWAY_SIGNATURE_REQUIRED',
        `expected a signed statement about ${id}: a person signs it, and the method approve takes it`,
      );
    });
}
