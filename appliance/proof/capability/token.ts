import { DidKey } from '@physiclaw/contracts';
import { z } from 'zod';
import { randomBytes } from '#crypto';
import { sameBytes } from '../encoding/bytes.ts';
import { type CborMap, Cid, decodeCbor, encodeCbor, isMap } from '../encoding/dag-cbor.ts';
import { attempt, demand } from '../error.ts';
import { publicKeyOf, type Signer, verifySignature } from '../key/signer.ts';
import { Policy } from './policy.ts';

// Varsig 1: EdDSA, curve edwards25519, SHA2-512, over DAG-CBOR.
const VARSIG = Uint8Array.of(0x34, 0x01, 0xed, 0x01, 0xed, 0x01, 0x13, 0x71);
const TAGS = { DELEGATION: 'ucan/dlg@1.0.0', INVOCATION: 'ucan/inv@1.0.0' } as const;
// What go-ucan and iso-ucan write; nothing else of a token changed.
const CANDIDATE = '-rc.1';

const Bytes = z.instanceof(Uint8Array);
const Time = z.int();
const Data = z.custom<CborMap>((value) => isMap(value));
const Envelope = z.tuple([Bytes, Data]);
// Lower case, a slash before each segment; "/" alone is every command.
const Command = z.string().regex(/^\/$|^(\/[^/\p{Lu}]+)+$/u);
const common = {
  iss: DidKey,
  cmd: Command,
  nonce: Bytes,
  /** Unix seconds; null for a token without an end. */
  exp: Time.nullable(),
  meta: Data.exactOptional(),
};

const Delegation = z.strictObject({
  ...common,
  aud: DidKey,
  /** Whose authority it is; null passes on whatever the issuer is given (a "powerline"). */
  sub: DidKey.nullable(),
  pol: Policy,
  nbf: Time.exactOptional(),
});
export type Delegation = z.infer<typeof Delegation>;

const Invocation = z.strictObject({
  ...common,
  sub: DidKey,
  aud: DidKey.exactOptional(),
  args: Data,
  /** Delegations, from the subject's own to the issuer's. */
  prf: z.array(z.instanceof(Cid)).readonly(),
  iat: Time.exactOptional(),
  cause: z.instanceof(Cid).exactOptional(),
});
export type Invocation = z.infer<typeof Invocation>;

/** What a token says it is: a leave, or the use of one. */
export type Kind = keyof typeof TAGS;

/** A sealed token and the name of its bytes. */
export interface Token {
  readonly bytes: Uint8Array;
  readonly cid: string;
}

/** What a signer says in a token; the nonce is drawn where none is given. */
type Said<Payload> = Omit<Payload, 'iss' | 'nonce'> & {
  readonly signer: Signer;
  readonly nonce?: Uint8Array;
};

/** Seals a UCAN delegation: the signer lets `aud` do `cmd` as `pol` allows. */
export function delegate({ signer, ...claims }: Said<Delegation>): Token {
  return seal('DELEGATION', { nonce: randomBytes(12), ...claims, iss: signer.did }, signer);
}

/** The same; its proofs are CIDs, from the subject's own delegation to the signer's. */
type Asked = Said<Omit<Invocation, 'prf'>> & { readonly prf: readonly string[] };

/**
 * Seals a UCAN invocation: the signer asks for `cmd` now, on the strength of `prf`.
 *
 * @throws ProofError PROOF_ENCODING_INVALID when a proof is no CID.
 */
export function invoke({ signer, ...claims }: Asked): Token {
  const prf = claims.prf.map((cid) => Cid.parse(cid));
  return seal('INVOCATION', { nonce: randomBytes(12), ...claims, iss: signer.did, prf }, signer);
}

/** @throws ProofError PROOF_DELEGATION_MALFORMED, PROOF_DELEGATION_SIGNATURE. */
export function openDelegation(bytes: Uint8Array): Delegation {
  return open('DELEGATION', bytes, Delegation);
}

/** @throws ProofError PROOF_INVOCATION_MALFORMED, PROOF_INVOCATION_SIGNATURE. */
export function openInvocation(bytes: Uint8Array): Invocation {
  return open('INVOCATION', bytes, Invocation);
}

/** Signs a payload whose `iss` is the signer. */
export function seal(kind: Kind, payload: CborMap, signer: Signer): Token {
  const content = { h: VARSIG, [TAGS[kind]]: payload };
  const bytes = encodeCbor([signer.sign(encodeCbor(content)), content]);
  return { bytes, cid: Cid.of(bytes).toString() };
}

/**
 * Reads a token and checks that the payload's `iss` signed it.
 *
 * @throws ProofError PROOF_DELEGATION_MALFORMED, PROOF_DELEGATION_SIGNATURE, or the same of an
 *   invocation.
 */
export function open<Payload extends { readonly iss: string }>(
  kind: Kind,
  bytes: Uint8Array,
  schema: z.ZodType<Payload>,
): Payload {
  const token = attempt(`PROOF_${kind}_MALFORMED`, 'not a UCAN of this kind', () => {
    const [signature, content] = Envelope.parse(decodeCbor(bytes));
    const { h, [TAGS[kind]]: claimed = content[TAGS[kind] + CANDIDATE] } = content;
    if (!(h instanceof Uint8Array) || !sameBytes(h, VARSIG)) throw new TypeError('no varsig');
    if (Object.keys(content).length !== 2) throw new TypeError('something beside the payload');
    const payload = schema.parse(claimed);
    return { signature, signed: encodeCbor(content), payload, key: publicKeyOf(payload.iss) };
  });
  const { payload, key, signed, signature } = token;
  const genuine = verifySignature(key, signed, signature);
  demand(genuine, `PROOF_${kind}_SIGNATURE`, 'the issuer did not sign this');
  return payload;
}
