import type { policy, Receipt } from '@physiclaw/contracts';
import { isUsed } from '@physiclaw/platform';
import { delegate, encodeBase64 } from '@physiclaw/proof';
import type { z } from 'zod';
import { PolicyError } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { checkEnrolled, modeOf } from '../people/directory.ts';

/** How long a session's key may act, by its start entry. */
export const LIFETIME_SECONDS = 86_400;

/**
 * Lets a session's key act for a person, once the log says so.
 *
 * @throws PolicyError POLICY_KEY_UNKNOWN unless the principal is enrolled, POLICY_SESSION_EXISTS
 * when the name was used before.
 */
export async function openSession(
  { session, principal, did, tree }: z.output<typeof policy.calls.openSession.request>,
  { authority, events, log }: Parts,
): Promise<{ receipt: Receipt; delegation: string }> {
  checkEnrolled(principal, events);
  const event = { kind: 'session', session, principal, did, tree, mode: modeOf(events) } as const;
  const receipt = await log.append(event, [`session:${session}`]).catch((cause: unknown) => {
    if (!isUsed(cause)) throw cause;
    throw new PolicyError('POLICY_SESSION_EXISTS', `${session} exists`, { cause });
  });
  const { bytes } = delegate({
    signer: authority,
    aud: did,
    sub: authority.did,
    cmd: '/tool/act',
    pol: [['==', '.session', session]],
    exp: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
  });
  return { receipt, delegation: encodeBase64(bytes) };
}
