type Format = 'TEXT' | 'ENCODING' | 'JSON' | 'CBOR' | 'KEY' | 'INTENT' | 'TREE' | 'NOTE' | 'TILE';
type Evidence = 'INCLUSION' | 'CONSISTENCY' | 'RECEIPT';
type Log = 'ENTRY' | 'CHECKPOINT' | 'CHANGED' | 'MISSING' | 'STRAY' | 'CUT' | 'FORKED';
type Token = 'MALFORMED' | 'SIGNATURE' | 'EXPIRED' | 'AUDIENCE' | 'COMMAND' | 'ISSUER';
type Delegation = Token | 'MISSING' | 'CID' | 'SUBJECT' | 'POLICY' | 'EARLY';
type Invocation = Token | 'ARGUMENTS';

/** Every way in which a proof can fail; a group of them shares its first two words. */
export type ProofCode =
  | `PROOF_${Format | Evidence}_INVALID`
  | `PROOF_LOG_${Log}`
  | `PROOF_DELEGATION_${Delegation}`
  | `PROOF_INVOCATION_${Invocation}`;

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

/** @throws ProofError of this code unless what is demanded holds. */
export function demand(holds: boolean, code: ProofCode, why: string): asserts holds {
  if (!holds) throw new ProofError(code, why);
}

/** What a check says of a proof: one that cannot be read proves nothing. */
export function proves(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** What `read` makes of it. @throws ProofError of this code where `read` throws anything. */
export function attempt<Result>(code: ProofCode, why: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new ProofError(code, why, { cause });
  }
}
