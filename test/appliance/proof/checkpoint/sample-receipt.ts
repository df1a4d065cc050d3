import { LogEntry, type Receipt } from '@physiclaw/contracts';
import {
  canonicalize,
  encodeBase64,
  hashLeaf,
  inclusionNodes,
  logVerifier,
  rootOf,
  signCheckpoint,
  signerFromSeed,
} from '@physiclaw/proof';
import { leafAt, treeOver } from '../merkle/tree.ts';

const ORIGIN = 'physiclaw.example/log';

export const REFUSAL = { kind: 'refusal', check: 'TOOLS_EXPIRED', count: 1 };
const logSigner = signerFromSeed(new Uint8Array(32).fill(7));
export const vkey = logVerifier(ORIGIN, logSigner.publicKey);

/** An entry as the log writes it. */
export function entryText(event: Record<string, unknown> = REFUSAL): string {
  return canonicalize(
    LogEntry.parse({
      category_uid: 6,
      class_uid: 6003,
      activity_id: 99,
      type_uid: 600_399,
      severity_id: 1,
      time: 1_800_000_000_000,
      metadata: {
        version: '1.6.0',
        product: { name: 'physiclaw', vendor_name: 'physiclaw' },
        profiles: ['ai_operation', 'record_integrity'],
      },
      unmapped: {
        reporter: 'spiffe://physiclaw.internal/tools',
        time_source: 'unverified-rtc',
        once: [],
        event,
      },
    }),
  );
}

/** A receipt for any text as entry 3 of 11, signed by the log. */
export function receiptFor(entry: string, index = 3, size = 11): Receipt {
  const leaf = hashLeaf(new TextEncoder().encode(entry));
  const read = treeOver((at) => (at === index ? leaf : leafAt(at)));
  const root = rootOf(size, read);
  const proof = inclusionNodes(index, size, read);
  return {
    index,
    entry,
    proof: proof.map(encodeBase64),
    checkpoint: signCheckpoint({ origin: ORIGIN, size, root }, logSigner),
  };
}
