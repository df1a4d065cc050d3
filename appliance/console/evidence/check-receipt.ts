import type { LogEntry, Receipt } from '@physiclaw/contracts';
import { openReceipt } from '@physiclaw/proof';
import { failureOf } from '../door/refusal.ts';

/** What the check of a receipt says: yes with what it proves, or no with the reason. */
export type Verdict =
  | {
      readonly holds: true;
      readonly entry: LogEntry;
      readonly index: number;
      readonly size: number;
      readonly leaf: Uint8Array;
      readonly root: Uint8Array;
    }
  | { readonly holds: false; readonly code: string; readonly why: string };

/**
 * Checks a receipt here, in the browser: canonical entry, path from its leaf to the root, and the
 * log's signature on that root. `asked` is the entry that it ought to be a receipt of.
 */
export function checkReceipt(
  receipt: Receipt,
  vkey: string,
  asked: { readonly index?: number; readonly entry?: string } = {},
): Verdict {
  if (asked.index !== undefined && asked.index !== receipt.index) {
    return no(`expected a receipt of entry ${asked.index}, found one of entry ${receipt.index}`);
  }
  if (asked.entry !== undefined && asked.entry !== receipt.entry) {
    return no('expected the entry that the list shows, found other bytes under its number');
  }
  try {
    return { holds: true, ...openReceipt(receipt, vkey) };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { holds: false, code, why: message };
  }
}

function no(why: string): Verdict {
  return { holds: false, code: 'CONSOLE_OTHER_ENTRY', why };
}
