import type { SignedSignIn, Statement } from '@physiclaw/contracts';
import { messageOf } from '@physiclaw/proof';

/** A signature as the contracts carry it: an Ed25519 one, or a passkey's assertion. */
export type Signature = SignedSignIn['signature'];

/** A key of a person that can sign here, and be read by nobody. */
export interface PersonKey {
  readonly kind: 'passkey' | 'device';
  readonly did: string;
  /** What its owner calls himself. */
  readonly name: string;
  readonly sign: (message: Uint8Array<ArrayBuffer>) => Promise<Signature>;
}

/** Signs what a person says; a passkey asks its owner first. */
export async function signStatement<Content extends Statement>(
  statement: Content,
  key: PersonKey,
): Promise<{ statement: Content; signature: Signature }> {
  return { statement, signature: await key.sign(Uint8Array.from(messageOf(statement))) };
}
