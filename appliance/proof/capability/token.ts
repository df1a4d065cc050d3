import { DidKey } from '@physiclaw/contracts';
import { z } from 'zod';
import { randomBytes } from '#crypto';
import { Cid } from '../encoding/cid.ts';
import type { Cbor } from '../encoding/dag-cbor.ts';
import type { Signer } from '../key/signer.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import { Policy } from './policy.ts';

// Lower case, a slash before each segment; "/" alone is every command.
const Command = z.string().regex(/^\/$|^(\/[^/\p{Lu}]+)+$/u);
const Time = z.int();
const Arguments = z.custom<{ readonly [key: string]: Cbor }>(
  (value) => z.record(z.string(), z.unknown()).safeParse(value).success,
);

const Delegation = z.strictObject({
  iss: DidKey,
  aud: DidKey,
  /** Whose authority it is; null passes on whatever the issuer is given (a "powerline"). */
  sub: DidKey.nullable(),
  cmd: Command,
  pol: Policy,
  nonce: z.instanceof(Uint8Array),
  exp: Time.nullable(),
  nbf: Time.optional(),
  meta: Arguments.optional(),
});
export type Delegation = z.infer<typeof Delegation>;

const Invocation = z.strictObject({
  iss: DidKey,
  sub: DidKey,
  aud: DidKey.optional(),
  cmd: Command,
  args: Arguments,
  /** Delegations, from the subject's own to the issuer's. */
  prf: z.array(z.instanceof(Cid)),
  nonce: z.instanceof(Uint8Array),
  exp: Time.nullable(),
  iat: Time.optional(),
  cause: z.instanceof(Cid).optional(),
  meta: Arguments.optional(),
});
export type Invocation = z.infer<typeof Invocation>;

/** A sealed token and the name of its bytes. */
export interface Token {
  readonly bytes: Uint8Array;
  readonly cid: string;
}

/** Seals a UCAN delegation: the signer lets `audience` do `command` as `policy` allows. */
export function delegate(options: {
  readonly signer: Signer;
  readonly audience: string;
  readonly subject: string | null;
  readonly command: string;
  readonly policy: Policy;
  /** Unix seconds. */
  readonly expires: number | null;
  readonly notBefore?: number;
  readonly nonce?: Uint8Array;
  readonly meta?: { readonly [key: string]: Cbor };
}): Token {
  const { signer, audience, subject, command, policy, expires, notBefore, nonce, meta } = options;
  return seal('dlg', signer, {
    iss: signer.did,
    aud: audience,
    sub: subject,
    cmd: command,
    pol: policy,
    nonce: nonce ?? randomBytes(12),
    exp: expires,
    ...(notBefore === undefined ? {} : { nbf: notBefore }),
    ...(meta === undefined ? {} : { meta }),
  });
}

/** Seals a UCAN invocation: the signer asks for `command` now, on the strength of `proofs`. */
export function invoke(options: {
  readonly signer: Signer;
  readonly subject: string;
  readonly command: string;
  readonly arguments: { readonly [key: string]: Cbor };
  /** CIDs of delegations, from the subject's own to the signer's. */
  readonly proofs: readonly string[];
  readonly expires: number | null;
  readonly nonce?: Uint8Array;
}): Token {
  const { signer, subject, command, proofs, expires, nonce } = options;
  return seal('inv', signer, {
    iss: signer.did,
    sub: subject,
    cmd: command,
    args: options.arguments,
    prf: proofs.map((cid) => Cid.parse(cid)),
    nonce: nonce ?? randomBytes(12),
    exp: expires,
  });
}

/** @throws ProofError PROOF_DELEGATION_MALFORMED, PROOF_DELEGATION_SIGNATURE. */
export function openDelegation(bytes: Uint8Array): Delegation {
  return openEnvelope('dlg', bytes, (payload) => Delegation.parse(payload));
}

/** @throws ProofError PROOF_INVOCATION_MALFORMED, PROOF_INVOCATION_SIGNATURE. */
export function openInvocation(bytes: Uint8Array): Invocation {
  return openEnvelope('inv', bytes, (payload) => Invocation.parse(payload));
}

function seal(
  spec: 'dlg' | 'inv',
  signer: Signer,
  payload: { readonly [key: string]: Cbor },
): Token {
  const bytes = sealEnvelope(spec, payload, signer);
  return { bytes, cid: Cid.of(bytes).toString() };
}
