import { LogEntry, type Receipt } from '@physiclaw/contracts';
import { concat, sameBytes, textOf, utf8 } from '../encoding/bytes.ts';
import { parseCanonical } from '../encoding/canonical-json.ts';
import { sha256 } from '../encoding/digest.ts';
import { decodeBase64, encodeBase64, encodeHex } from '../encoding/rfc4648.ts';
import { attempt, demand } from '../error.ts';
import { type Signer, verifySignature } from '../key/signer.ts';
import { hashLeaf, verifyInclusion } from '../merkle/proofs.ts';

const CODE = 'PROOF_NOTE_INVALID';
const ED25519 = Uint8Array.of(0x01);
const NAME = /^[^\s+\p{White_Space}\p{Cc}]+$/u;
const NO_NAME = 'the name of a key has no white space and no plus sign';
const VKEY = /^([^+]+)\+[0-9a-f]{8}\+(.{44})$/;
const SIZE = '(0|[1-9][0-9]*)';
const NOTE = new RegExp(`^([^\\n]+)\\n${SIZE}\\n([^\\n]+)\\n\\n— ([^\\n ]+) ([^\\n ]+)\\n$`);

/** The size and root of a log at one moment. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * A log's public key as stock tools take it (C2SP signed-note): name, key hash, key.
 *
 * @throws ProofError PROOF_NOTE_INVALID for a name that a signature line cannot carry.
 */
export function logVerifier(name: string, publicKey: Uint8Array): string {
  demand(NAME.test(name), CODE, NO_NAME);
  const id = encodeHex(keyId(name, publicKey));
  return `${name}+${id}+${encodeBase64(concat([ED25519, publicKey]))}`;
}

/**
 * A checkpoint (C2SP tlog-checkpoint) as a signed note; the key has the log's name.
 *
 * @throws ProofError PROOF_NOTE_INVALID for an origin, a size or a root that no reader would take.
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  const { origin, size, root } = checkpoint;
  demand(NAME.test(origin), CODE, NO_NAME);
  const sane = Number.isSafeInteger(size) && size >= 0 && root.length === 32;
  demand(sane, CODE, 'size or root');
  const text = bodyOf(checkpoint);
  const signature = concat([keyId(origin, signer.publicKey), signer.sign(utf8(text))]);
  return `${text}\n— ${origin} ${encodeBase64(signature)}\n`;
}

/**
 * Reads a checkpoint that the log behind `vkey` signed, and nobody else: exactly one signature, no
 * extension lines, and of each value the one way to write it.
 *
 * @throws ProofError PROOF_NOTE_INVALID for anything else.
 */
export function openCheckpoint(text: string, vkey: string): Checkpoint {
  const { name, publicKey } = readVerifier(vkey);
  const [, origin = '', digits = '', root64 = '', signedBy, signature64 = ''] =
    NOTE.exec(text) ?? [];
  demand(signedBy !== undefined, CODE, 'not a checkpoint with one signature');
  demand(origin === name && signedBy === name, CODE, 'the checkpoint of another log');
  const checkpoint = { origin, size: Number(digits), root: strictBase64(root64, 32) };
  demand(Number.isSafeInteger(checkpoint.size), CODE, 'the size is beyond what a log can have');
  const signature = strictBase64(signature64, 68);
  const ours = sameBytes(signature.subarray(0, 4), keyId(name, publicKey));
  demand(ours, CODE, 'signed by another key');
  const signed = verifySignature(publicKey, utf8(bodyOf(checkpoint)), signature.subarray(4));
  demand(signed, CODE, 'the signature does not hold');
  return checkpoint;
}

function readVerifier(vkey: string): { name: string; publicKey: Uint8Array } {
  const [, name = '', key64 = ''] = VKEY.exec(vkey) ?? [];
  const publicKey = strictBase64(key64, 33).subarray(1);
  demand(logVerifier(name, publicKey) === vkey, CODE, 'not a verifier key of Ed25519');
  return { name, publicKey };
}

function bodyOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

function keyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(concat([utf8(`${name}\n`), ED25519, publicKey])).subarray(0, 4);
}

function strictBase64(text: string, length: number): Uint8Array {
  const bytes = attempt(CODE, 'base64 is not canonical', () => decodeBase64(text));
  demand(bytes.length === length, CODE, `expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}

/** What an entry may have, in a receipt as in a bundle. */
const MAX_ENTRY_BYTES = 8192;

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
