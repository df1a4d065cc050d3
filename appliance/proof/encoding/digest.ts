import { sha256Of } from '#crypto';
import { utf8 } from './bytes.ts';
import { encodeHex } from './rfc4648.ts';

/**
 * SHA-256 of bytes, or of a text's UTF-8.
 *
 * @throws ProofError PROOF_TEXT_INVALID for a text with a lone surrogate.
 */
export function sha256(content: Uint8Array | string): Uint8Array {
  return sha256Of(typeof content === 'string' ? utf8(content) : content);
}

/**
 * The same in lower-case hexadecimal: how contracts name content.
 *
 * @throws ProofError PROOF_TEXT_INVALID for a text with a lone surrogate.
 */
export function digestOf(content: Uint8Array | string): string {
  return encodeHex(sha256(content));
}
