import { methods, type Receipt } from '@physiclaw/contracts';
import { Frontier, type OpenedReceipt, openReceipt } from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import type { Client } from './client.ts';

type Gateway = Pick<Client, 'call'>;

/** Entries of the log, one after the other, each of which stands there. */
export interface ProvenEntries {
  readonly from: number;
  readonly entries: readonly string[];
  /** Of the log that holds them, as its key signed it. */
  readonly size: number;
}

/**
 * One entry of the log with its proof, checked against the log's key.
 *
 * @throws Failure RECEIPT_FOREIGN for that of another entry; ProofError where nothing is proven.
 */
export async function proveEntry(
  gateway: Gateway,
  index: number,
  vkey: string,
): Promise<{ receipt: Receipt; opened: OpenedReceipt }> {
  const receipt = await gateway.call('auditReceipt', methods.auditReceipt, { index });
  const opened = openReceipt(receipt, vkey);
  if (opened.index === index) return { receipt, opened };
  const message = `expected a receipt of entry ${index}, found one of entry ${opened.index}; check the log itself: \`audit verify\``;
  throw new Failure('RECEIPT_FOREIGN', message);
}

/**
 * The last entries of the log: with what lies before them they make the root that its key signed. It
 * cannot tell that the gateway shows an older state of the log; `audit verify --since` can.
 *
 * @throws Failure LOG_PAGE_FORGED for other entries than the log's, and whatever `proveEntry` does.
 */
export async function proveLast(
  gateway: Gateway,
  count: number,
  vkey: string,
): Promise<ProvenEntries> {
  const read = async (from: number, most: number) =>
    (await gateway.call('auditTail', methods.auditTail, { from, count: most })).entries;
  const { from } = await gateway.call('auditTail', methods.auditTail, { count });
  const { receipt, opened } = await proveEntry(gateway, from, vkey);
  const followed = await Frontier.before(opened, receipt.proof).follow(opened, read);
  if (followed) return { from, entries: followed.entries, size: opened.size };
  const message = `expected the entries ${from} to ${opened.size - 1} of the signed log, found others; check the log itself: \`audit verify\``;
  throw new Failure('LOG_PAGE_FORGED', message);
}
