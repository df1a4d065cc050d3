/** Why a bundle was not made, or not accepted. The README's table says what to do. */
export const bundleCodes = [
  'BUNDLE_WANTED_INVALID',
  'BUNDLE_LOCK_INVALID',
  'BUNDLE_LOCK_STALE',
  'BUNDLE_MIRROR_UNKNOWN',
  'BUNDLE_PACKAGE_UNKNOWN',
  'BUNDLE_PACKAGE_GONE',
  'BUNDLE_INPUT_CHANGED',
  'BUNDLE_INPUT_INVALID',
  'BUNDLE_PROGRAM_FAILED',
  'BUNDLE_KEY_INVALID',
  'BUNDLE_UNREADABLE',
  'BUNDLE_CUT',
  'BUNDLE_HEADER_INVALID',
  'BUNDLE_SIGNATURE_INVALID',
  'BUNDLE_KEY_UNTRUSTED',
  'BUNDLE_MANIFEST_INVALID',
  'BUNDLE_BLOB_MISSING',
  'BUNDLE_BLOB_CHANGED',
  'BUNDLE_MEMBER_EXTRA',
  'BUNDLE_TAIL_INVALID',
  'BUNDLE_TARGET_EXISTS',
] as const;
export type BundleCode = (typeof bundleCodes)[number];

/** Where in a bundle its first fault lies. */
export interface FaultPlace {
  /** The member by its name in the archive, or the blob by its path in the manifest. */
  readonly blob: string;
  /** From the beginning of the file, in bytes. */
  readonly offset: number;
}

/** `code` is for programs and never changes meaning; `message` is for people. */
export class BundleError extends Error {
  override name = 'BundleError';
  readonly code: BundleCode;
  readonly place: FaultPlace | undefined;

  constructor(code: BundleCode, message: string, options?: ErrorOptions & { place?: FaultPlace }) {
    super(message, options);
    this.code = code;
    this.place = options?.place;
  }
}
