import { LogEntry, type Receipt } from '@physiclaw/contracts';
import { textOf, utf8 } from '../encoding/bytes.ts';
import { parseCanonical } from '../encoding/canonical-json.ts';
import { decodeBase64 } from '../encoding/rfc4648.ts';
import { attempt } from '../error.ts';
import { hashLeaf, verifyInclusion } from '../merkle/proofs.ts';
import { type Checkpoint, openCheckpoint } from './note.ts';

/** What an entry may have, in a receipt as in a bundle. */
export const MAX_ENTRY_BYTES = 8192;

/** What a receipt proves: this entry stands at this index of the log with this root. */
export interface OpenedReceipt extends Checkpoint {
  readonly entry: LogEntry;
  readonly index: number;
  readonly leaf: Uint8Array;
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
  const checkpoint = openCheckpoint(receipt.checkpoint, vkey);
  const why = 'the entry or the proof is malformed';
  const { entry, leaf, proof } = attempt('PROOF_RECEIPT_INVALID', why, () => {
    const bytes = utf8(receipt.entry);
    const hashes = receipt.proof.map((hash) => decodeBase64(hash));
    return { entry: readEntry(bytes), leaf: hashLeaf(bytes), proof: hashes };
  });
  const { index } = receipt;
  verifyInclusion({ ...checkpoint, leaf, index, proof });
  return { ...checkpoint, entry, index, leaf };
}

/** Reads an entry; throws what `fault` makes of anything but its canonical JSON. */
export function readEntry(
  bytes: Uint8Array,
  fault: (why: string, cause?: unknown) => Error = (why, cause) => new RangeError(why, { cause }),
): LogEntry {
  if (bytes.length > MAX_ENTRY_BYTES) throw fault(`has ${bytes.length} bytes of at most 8192`);
  try {
    return LogEntry.parse(parseCanonical(textOf(bytes)));
  } catch (cause) {
    throw fault('is not the canonical JSON of an entry', cause);
  }
}
