import { type ApprovalRequest, methods } from '@physiclaw/contracts';
import type { Door } from '../door/door.ts';
import { type PersonKey, signStatement } from '../key/person-key.ts';
import { openIntent } from './intent.ts';

/**
 * Signs a yes or a no to one request and hands it in. The hash is taken of the shown bytes again
 * right before the signature: what is signed is what was shown.
 *
 * @throws Refusal CONSOLE_INTENT_MISMATCH, or what policy says.
 */
export async function decide(
  door: Door,
  key: PersonKey,
  request: ApprovalRequest,
  verdict: 'approve' | 'deny',
) {
  openIntent(request);
  const statement = {
    type: 'physiclaw/approval/v1',
    verdict,
    request: request.request,
    intent: request.hash,
    scope: 'once',
    notAfter: request.notAfter,
    policy: request.policy,
    log: request.log,
    key: key.did,
  } as const;
  return door.call('approve', methods.approve, await signStatement(statement, key));
}
