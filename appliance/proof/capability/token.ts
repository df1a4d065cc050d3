import { DidKey } from '@physiclaw/contracts';
import { z } from 'zod';
import { randomBytes } from '#crypto';
import { Cid } from '../encoding/cid.ts';
import { type CborMap, isMap } from '../encoding/dag-cbor.ts';
import type { Signer } from '../key/signer.ts';
import { open, seal, type Token } from './envelope.ts';
import { Policy } from './policy.ts';

const Bytes = z.instanceof(Uint8Array);
const Time = z.int();
const Data = z.custom<CborMap>((value) => isMap(value));
// Lower case, a slash before each segment; "/" alone is every command.
const Command = z.string().regex(/^\/$|^(\/[^/\p{Lu}]+)+$/u);

const Delegation = z.strictObject({
  iss: DidKey,
  aud: DidKey,
  /** Whose authority it is; null passes on whatever the issuer is given (a "powerline"). */
  sub: DidKey.nullable(),
  cmd: Command,
  pol: Policy,
  nonce: Bytes,
  exp: Time.nullable(),
  nbf: Time.optional(),
  meta: Data.optional(),
});
export type Delegation = z.infer<typeof Delegation>;

const Invocation = z.strictObject({
  iss: DidKey,
  sub: DidKey,
  aud: DidKey.optional(),
  cmd: Command,
  args: Data,
  /** Delegations, from the subject's own to the issuer's. */
  prf: z.array(z.instanceof(Cid)),
  nonce: Bytes,
  exp: Time.nullable(),
  iat: Time.optional(),
  cause: z.instanceof(Cid).optional(),
  meta: Data.optional(),
});
export type Invocation = z.infer<typeof Invocation>;

interface TokenOptions {
  readonly signer: Signer;
  readonly command: string;
  /** Unix seconds; null for a token without an end. */
  readonly expires: number | null;
  readonly nonce?: Uint8Array;
  readonly meta?: CborMap;
}

/** Seals a UCAN delegation: the signer lets `audience` do `command` as `policy` allows. */
export function delegate(
  options: TokenOptions & {
    readonly audience: string;
    readonly subject: string | null;
    readonly policy: Policy;
    readonly notBefore?: number;
  },
): Token {
  const { audience, subject, policy, notBefore } = options;
  const time = notBefore === undefined ? {} : { nbf: notBefore };
  const payload = { ...payloadOf(options), ...time, aud: audience, sub: subject, pol: policy };
  return seal('DELEGATION', payload, options.signer);
}

/**
 * Seals a UCAN invocation: the signer asks for `command` now, on the strength of `proofs`, the CIDs
 * of delegations from the subject's own to the signer's.
 *
 * @throws ProofError PROOF_ENCODING_INVALID when a proof is no CID.
 */
export function invoke(
  options: TokenOptions & {
    readonly subject: string;
    readonly arguments: CborMap;
    readonly proofs: readonly string[];
  },
): Token {
  const prf = options.proofs.map((cid) => Cid.parse(cid));
  const payload = { ...payloadOf(options), sub: options.subject, args: options.arguments, prf };
  return seal('INVOCATION', payload, options.signer);
}

/** @throws ProofError PROOF_DELEGATION_MALFORMED, PROOF_DELEGATION_SIGNATURE. */
export function openDelegation(bytes: Uint8Array): Delegation {
  return open('DELEGATION', bytes, (payload) => Delegation.parse(payload));
}

/** @throws ProofError PROOF_INVOCATION_MALFORMED, PROOF_INVOCATION_SIGNATURE. */
export function openInvocation(bytes: Uint8Array): Invocation {
  return open('INVOCATION', bytes, (payload) => Invocation.parse(payload));
}

function payloadOf({ signer, command, expires, nonce, meta }: TokenOptions): CborMap {
  const base = { iss: signer.did, cmd: command, exp: expires, nonce: nonce ?? randomBytes(12) };
  return meta ? { ...base, meta } : base;
}
