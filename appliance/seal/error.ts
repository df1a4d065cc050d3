type Code =
  | 'SEAL_ANCHOR_MISMATCH'
  | 'SEAL_EXPOSED'
  | 'SEAL_GENESIS_LOST'
  | 'SEAL_RECOVERY_WRONG'
  | 'SEAL_SECRET_EXISTS'
  | 'SEAL_SECRET_MALFORMED'
  | 'SEAL_SECRET_MISSING'
  | 'SEAL_TPM_FAILED'
  | 'SEAL_TPM_FOREIGN'
  | 'SEAL_TPM_REFUSED';

/** Why the root secrets were not made, not read or not handed out; the message says what to do. */
export class SealError extends Error {
  override name = 'SealError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
