import { LogEntry, type Receipt } from '@physiclaw/contracts';
import { utf8 } from '../encoding/bytes.ts';
import { parseCanonical } from '../encoding/canonical-json.ts';
import { decodeBase64 } from '../encoding/rfc4648.ts';
import { ProofError } from '../error.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { verifyInclusion } from '../merkle/verify.ts';
import { openCheckpoint } from './note.ts';

/** What an entry may have, in a receipt as in a bundle. */
export const MAX_ENTRY_BYTES = 8192;

/** What a receipt proves: this entry stands at this index of the log with this root. */
export interface OpenedReceipt {
  readonly entry: LogEntry;
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Checks a receipt and reads its entry. Only what it returns is proven: not what the entry claims,
 * nor that the log has not forked since; that takes consistency with a checkpoint held before.
 *
 * @throws ProofError PROOF_NOTE_INVALID when the log behind `vkey` did not sign the checkpoint,
 *   PROOF_INCLUSION_INVALID when its tree does not hold the entry there, PROOF_RECEIPT_INVALID when
 *   the entry or the proof is malformed.
 */
export function openReceipt(receipt: Receipt, vkey: string): OpenedReceipt {
  const { size, root } = openCheckpoint(receipt.checkpoint, vkey);
  const { index } = receipt;
  const { entry, leaf, proof } = read(receipt);
  verifyInclusion({ leaf, index, size, proof, root });
  return { entry, index, leaf, size, root };
}

function read(receipt: Receipt): { entry: LogEntry; leaf: Uint8Array; proof: Uint8Array[] } {
  try {
    const bytes = utf8(receipt.entry);
    if (bytes.length > MAX_ENTRY_BYTES) throw new RangeError(`${bytes.length} bytes`);
    return {
      entry: LogEntry.parse(parseCanonical(receipt.entry)),
      leaf: hashLeaf(bytes),
      proof: receipt.proof.map((hash) => decodeBase64(hash)),
    };
  } catch (cause) {
    throw new ProofError('PROOF_RECEIPT_INVALID', 'the entry or the proof is malformed', { cause });
  }
}
