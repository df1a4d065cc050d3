/**
 * `ed25519-seed`: 32 random bytes, as canonical base64 without a line end. `p256-key`: a private
 * key of the curve P-256, as PKCS#8 in PEM.
 */
export type SecretKind = 'ed25519-seed' | 'p256-key';

/** Secrets under names, opened. */
export interface KeyStore {
  has(name: string): Promise<boolean>;
  /**
   * Makes a secret. When it resolves the secret outlives a power cut; when it rejects there is
   * either no secret of that name or a whole one.
   *
   * @throws SealError SEAL_SECRET_EXISTS: a secret is never made twice.
   */
  create(name: string, kind: SecretKind): Promise<void>;
  /**
   * @throws SealError SEAL_SECRET_MISSING
   * @throws SealError SEAL_EXPOSED when somebody else could have read or written it.
   */
  read(name: string): Promise<string>;
}

/** What keeps secrets: a driver of one technology. */
export interface KeyProvider {
  /** As the log's first entry and the configuration name it. */
  readonly name: string;
  /**
   * Opens the store that belongs to this folder, and makes an empty one where there is none.
   *
   * @throws SealError SEAL_EXPOSED when others than its owner could reach into it.
   */
  open(folder: string): Promise<KeyStore>;
}
