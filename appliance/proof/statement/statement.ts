import type { Assertion, Statement } from '@physiclaw/contracts';
import { canonicalize } from '../encoding/canonical-json.ts';
import { utf8 } from '../encoding/bytes.ts';
import { encodeBase64 } from '../encoding/rfc4648.ts';
import { demand } from '../error.ts';
import { type Signer, isSigned } from '../key/signer.ts';
import { isAsserted } from './assertion.ts';

/**
 * Signs what a person says. The type comes first in what is signed, so a signature over one kind
 * of statement counts for no other.
 *
 * @throws ProofError PROOF_KEY_INVALID when the statement names another key than the signer's.
 */
export function signStatement<Content extends Statement>(
  statement: Content,
  signer: Signer,
): { statement: Content; signature: string } {
  const own = statement.key === signer.did;
  demand(own, 'PROOF_KEY_INVALID', 'the statement names the key of somebody else');
  return { statement, signature: encodeBase64(signer.sign(messageOf(statement))) };
}

/**
 * The bytes that a key signs to say this: a device key these, a passkey their SHA-256 as the
 * challenge of an assertion.
 */
export function messageOf(statement: Statement): Uint8Array {
  return utf8(`${statement.type}\0${canonicalize(statement)}`);
}

/**
 * Whether the key that the statement names signed it. Whose key that is, whether it is enrolled,
 * and whether the statement has expired is for the caller to check.
 */
export function verifyStatement(signed: {
  readonly statement: Statement;
  readonly signature: string | Assertion;
}): boolean {
  const { statement, signature } = signed;
  const message = () => messageOf(statement);
  return typeof signature === 'string'
    ? isSigned(statement.key, message, signature)
    : isAsserted(statement.key, message, signature);
}
