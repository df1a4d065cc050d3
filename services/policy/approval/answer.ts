import type { Receipt, SignedApproval } from '@physiclaw/contracts';
import { isUsed } from '@physiclaw/platform';
import { demand, PolicyError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { mayApprove, signerOf } from '../people/directory.ts';
import { findRequest, type Known, type Request } from './requests.ts';

/**
 * Takes a person's verdict on one request, for that request's intent and under the policy that
 * asked.
 *
 * @throws PolicyError POLICY_REQUEST_UNKNOWN, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN (also
 * for who may not approve what he asked for), POLICY_STATEMENT_MISMATCH, POLICY_STATEMENT_EXPIRED,
 * POLICY_REQUEST_CLOSED.
 */
export async function answer(
  signed: SignedApproval,
  parts: Known & { readonly log: Pick<Log, 'append' | 'origin'> },
): Promise<Pick<Request, 'state'> & { receipt: Receipt }> {
  const { events, log } = parts;
  const { statement } = signed;
  const request = findRequest(statement.request, parts);
  const { name, asked, answered, state } = request;
  const approver = signerOf(signed, events);
  const other = 'expected another person than who asked, found him: let somebody else approve';
  demand(mayApprove(approver.person, asked.event.session, events), 'POLICY_KEY_UNKNOWN', other);
  checkSubject(signed, request, log.origin);
  if (answered) throw closed(name, state);
  const message = `expected an answer until ${statement.notAfter}, found one after it: ask again`;
  demand(state === 'pending', 'POLICY_STATEMENT_EXPIRED', message);
  const event = { kind: 'approval', request: name, intent: asked.event.intent, signed } as const;
  const receipt = await log.append(event, [`approval:${name}`]).catch((error: unknown) => {
    throw isUsed(error) ? closed(name, 'answered') : error;
  });
  return { state: findRequest(name, parts).state, receipt };
}

function checkSubject({ statement }: SignedApproval, request: Request, origin: string): void {
  const { asked, notAfter } = request;
  const { log } = statement;
  const differs = [
    statement.intent !== asked.event.intent && 'intent',
    statement.policy !== asked.event.policy && 'policy',
    statement.notAfter !== new Date(notAfter).toISOString() && 'notAfter',
    // The request is in the log that was shown, or he cannot have seen it.
    (log.origin !== origin || log.size <= asked.index) && 'log',
  ].filter(Boolean);
  const message = `expected what was asked, found another ${differs.join(', ')}: show it anew, sign that`;
  demand(differs.length === 0, 'POLICY_STATEMENT_MISMATCH', message);
}

function closed(name: string, state: string): PolicyError {
  const message = `expected a request that waits, found ${name} ${state}: ask in another turn`;
  return new PolicyError('POLICY_REQUEST_CLOSED', message);
}
