import { type ApprovalRequest, methods } from '@physiclaw/contracts';
import { hashIntent, readIntent } from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import type { Client } from './client.ts';

/**
 * A request for approval whose intent is the one that its hash names. The gate demands a signature
 * over the hash, and a person judges by the intent: nobody but this command can hold them together.
 *
 * @throws Failure REQUEST_UNKNOWN, REQUEST_FORGED
 */
export async function findRequest(
  client: Pick<Client, 'call'>,
  id: string,
): Promise<ApprovalRequest> {
  const { requests } = await client.call('approvals', methods.approvals, {});
  const request = requests.find((one) => one.request === id);
  if (request === undefined) {
    const message = `there is no request ${id}; \`approvals list\` names them`;
    throw new Failure('REQUEST_UNKNOWN', message);
  }
  const { session } = readIntent(request.intent);
  if (hashIntent(request.intent) === request.hash && session === request.session) return request;
  const message = `what ${id} shows is not what would be signed; nothing was signed`;
  throw new Failure('REQUEST_FORGED', message);
}
