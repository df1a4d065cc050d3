import { Intent } from '@physiclaw/contracts';
import { utf8 } from '../encoding/bytes.ts';
import { parseCanonical } from '../encoding/canonical-json.ts';
import { digestOf } from '../encoding/digest.ts';
import { encodeBase64 } from '../encoding/rfc4648.ts';
import { attempt } from '../error.ts';
import { type Signer, isSigned } from '../key/signer.ts';

/** The session key's signature, base64, by which `policy` knows whose intent it is. */
export function signIntent(text: string, signer: Signer): string {
  return encodeBase64(signer.sign(messageOf(text)));
}

/** Whether the session whose `did:key` this is asked for exactly this intent. */
export function verifyIntent(text: string, signature: string, did: string): boolean {
  return isSigned(did, () => messageOf(text), signature);
}

/**
 * Reads an intent from the bytes that are signed, hashed and shown.
 *
 * @throws ProofError PROOF_INTENT_INVALID unless they are the canonical JSON of an intent.
 */
export function readIntent(text: string): Intent {
  const why = 'not the canonical JSON of an intent';
  return attempt('PROOF_INTENT_INVALID', why, () => Intent.parse(parseCanonical(text)));
}

/** What the log and a capability name the intent by. */
export function hashIntent(text: string): string {
  return digestOf(text);
}

function messageOf(text: string): Uint8Array {
  return utf8(`physiclaw/intent/v1\0${text}`);
}
