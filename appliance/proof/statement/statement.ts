import type { Assertion, Statement } from '@physiclaw/contracts';
import { z } from 'zod';
import { verifyP256 } from '#crypto';
import { concat, sameBytes, textOf, utf8 } from '../encoding/bytes.ts';
import { canonicalize } from '../encoding/canonical-json.ts';
import { sha256 } from '../encoding/digest.ts';
import { decodeBase64, encodeBase64 } from '../encoding/rfc4648.ts';
import { attempt, demand, proves } from '../error.ts';
import { isSigned, publicKeyOf, type Signer } from '../key/signer.ts';

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

// A page over TLS, or one of this machine itself; the group is its host name.
const ORIGIN = /^(?:https:\/\/([a-z0-9.-]+)|http:\/\/(localhost))(?::[0-9]{1,5})?$/;
/** What a browser says of the page that asked; one that stood in another's page is none. */
const ClientData = z.looseObject({
  type: z.literal('webauthn.get'),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
});
// WebAuthn, section 6.1: somebody was there (bit 0) and showed that it is he (bit 2).
const PRESENT_AND_VERIFIED = 0b101;

/**
 * Whether a passkey signed the message: a WebAuthn assertion (level 2, section 7.2, steps 11 to 20)
 * whose challenge is the message's SHA-256, made on a page of just the host that the passkey is for,
 * by a person who was verified. What cannot be read is signed by nobody.
 */
function isAsserted(did: string, message: () => Uint8Array, assertion: Assertion): boolean {
  return proves(() => {
    const data = decodeBase64(assertion.authenticatorData);
    const client = decodeBase64(assertion.clientData);
    const host = hostIn(textOf(client), encodeBase64(sha256(message())));
    const signed = concat([data, sha256(client)]);
    return [
      host !== undefined && sameBytes(data.subarray(0, 32), sha256(host)),
      data.length >= 37 && (Number(data[32]) & PRESENT_AND_VERIFIED) === PRESENT_AND_VERIFIED,
      verifyP256(publicKeyOf(did), signed, decodeBase64(assertion.signature)),
    ].every(Boolean);
  });
}

/** The host of the page that asked for this challenge, if it was one of its own. */
function hostIn(clientData: string, challenge: string): string | undefined {
  const { data } = ClientData.safeParse(
    attempt('PROOF_JSON_INVALID', 'no JSON', () => JSON.parse(clientData)),
  );
  const url = challenge.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const [, secure, local] = (data?.challenge === url && ORIGIN.exec(data.origin)) || [];
  return secure ?? local;
}
