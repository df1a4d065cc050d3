import { isDeepStrictEqual } from 'node:util';
import { type ApprovalRequest, methods } from '@physiclaw/contracts';
import { hashIntent, type OpenedReceipt, readIntent } from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import type { Client } from './client.ts';
import { proveEntry } from './log-entries.ts';

/**
 * A request for approval as the log has it: its intent, rules, policy and place are those of the
 * entry by which it was asked, which the log's key signed. Of what is to be signed only `notAfter`
 * is in no entry; policy takes no other than its own. A person judges by what is shown, and the gate
 * demands a signature over a hash: nobody but this command can hold them together.
 *
 * @throws Failure REQUEST_UNKNOWN, REQUEST_LOST, REQUEST_FORGED; RECEIPT_FOREIGN or ProofError where
 *   the log does not prove the entry.
 */
export async function findRequest(
  gateway: Pick<Client, 'call'>,
  id: string,
  vkey: string,
): Promise<ApprovalRequest> {
  const { requests } = await gateway.call('approvals', methods.approvals, { request: id });
  const request = requests.find((one) => one.request === id);
  if (request === undefined) {
    const message = `there is no request ${id}; \`approvals list\` names them`;
    throw new Failure('REQUEST_UNKNOWN', message);
  }
  if (request.intent === '') {
    const message = `the bytes that ${id} asks for are lost or damaged on the machine; nothing was signed: ask again in another turn`;
    throw new Failure('REQUEST_LOST', message);
  }
  const { session, turn } = readIntent(request.intent);
  const { opened } = await proveEntry(gateway, request.decision, vkey);
  const hash = hashIntent(request.intent);
  const shown = new Map<string, unknown>(Object.entries(request));
  const meant = new Map<string, unknown>(Object.entries({ ...request, hash, session, turn }));
  for (const [name, said] of Object.entries(askedBy(opened))) {
    const isSaid = (told: typeof shown) => isDeepStrictEqual(told.get(name), said);
    if (!isSaid(shown) || !isSaid(meant)) throw forged(id, request.decision, name);
  }
  return request;
}

/** What the entry says of the request that it opened; of any other entry, nothing that could fit. */
function askedBy({ entry, index, origin }: OpenedReceipt): object {
  const { event } = entry.unmapped;
  if (event.kind !== 'decision' || event.verdict !== 'ask') return { request: undefined };
  const { request, session, turn, intent, rules, policy } = event;
  const requestedAt = new Date(entry.time).toISOString();
  const log = { origin, size: index + 1 };
  return { request, session, turn, hash: intent, rules, policy, requestedAt, log };
}

function forged(id: string, index: number, name: string): Failure {
  const message = `expected of ${id} the ${name} that entry ${index} of the log has, found another; nothing was signed: see \`audit show ${index}\``;
  return new Failure('REQUEST_FORGED', message);
}
