import type { DecisionEvent, Receipt } from '@physiclaw/contracts';
import { type OpenedReceipt, openReceipt } from '@physiclaw/proof';
import { demand, ToolsError } from '../errors.ts';

/** The entry is in the tree of a checkpoint that the anchored log key signed. */
export function checkReceipt(receipt: Receipt, vkey: string): OpenedReceipt {
  try {
    return openReceipt(receipt, vkey);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'the receipt proves nothing';
    throw new ToolsError('TOOLS_RECEIPT_INVALID', message, { cause });
  }
}

/** What the entry says, if it is a decision of `policy` that allows. */
export function checkAllowed({ entry }: OpenedReceipt, trustDomain: string): DecisionEvent {
  const { reporter, event } = entry.unmapped;
  const ofPolicy = reporter === `spiffe://${trustDomain}/policy`;
  demand(ofPolicy, 'TOOLS_REPORTER_FOREIGN', `expected an entry of policy, got one of ${reporter}`);
  demand(event.kind === 'decision', 'TOOLS_KIND_WRONG', `expected a decision, got ${event.kind}`);
  demand(event.verdict === 'allow', 'TOOLS_NOT_ALLOWED', `expected allow, got ${event.verdict}`);
  return event;
}
