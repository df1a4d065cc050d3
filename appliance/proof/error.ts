export type ProofCode =
  | 'PROOF_TEXT_INVALID'
  | 'PROOF_ENCODING_INVALID'
  | 'PROOF_JSON_INVALID'
  | 'PROOF_CBOR_INVALID'
  | 'PROOF_KEY_INVALID'
  | 'PROOF_INTENT_INVALID'
  | 'PROOF_TREE_INVALID'
  | 'PROOF_INCLUSION_INVALID'
  | 'PROOF_CONSISTENCY_INVALID'
  | 'PROOF_NOTE_INVALID'
  | 'PROOF_TILE_INVALID'
  | 'PROOF_RECEIPT_INVALID'
  | 'PROOF_DELEGATION_MALFORMED'
  | 'PROOF_DELEGATION_SIGNATURE'
  | 'PROOF_DELEGATION_MISSING'
  | 'PROOF_DELEGATION_CID'
  | 'PROOF_DELEGATION_ISSUER'
  | 'PROOF_DELEGATION_AUDIENCE'
  | 'PROOF_DELEGATION_SUBJECT'
  | 'PROOF_DELEGATION_COMMAND'
  | 'PROOF_DELEGATION_POLICY'
  | 'PROOF_DELEGATION_EARLY'
  | 'PROOF_DELEGATION_EXPIRED'
  | 'PROOF_INVOCATION_MALFORMED'
  | 'PROOF_INVOCATION_SIGNATURE'
  | 'PROOF_INVOCATION_ISSUER'
  | 'PROOF_INVOCATION_AUDIENCE'
  | 'PROOF_INVOCATION_COMMAND'
  | 'PROOF_INVOCATION_ARGUMENTS'
  | 'PROOF_INVOCATION_EXPIRED';

/**
 * A proof that does not prove, or a thing that nothing can prove.
 *
 * `code` is for programs and never changes meaning; `message` is for people and quotes no content.
 */
export class ProofError extends Error {
  override name = 'ProofError';
  readonly code: ProofCode;

  constructor(code: ProofCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
