import { sameBytes } from '../encoding/bytes.ts';
import { Cid } from '../encoding/cid.ts';
import { type Cbor, type CborMap, decodeCbor, encodeCbor, isMap } from '../encoding/dag-cbor.ts';
import { ProofError } from '../error.ts';
import { publicKeyOf } from '../key/did.ts';
import { type Signer, verifySignature } from '../key/signer.ts';

// Varsig 1: EdDSA, curve edwards25519, SHA2-512, over DAG-CBOR.
const VARSIG = Uint8Array.of(0x34, 0x01, 0xed, 0x01, 0xed, 0x01, 0x13, 0x71);
const TAGS = { DELEGATION: 'ucan/dlg@1.0.0', INVOCATION: 'ucan/inv@1.0.0' } as const;
// What go-ucan and iso-ucan write; nothing else of a token changed.
const CANDIDATE = '-rc.1';

/** What a token says it is: a leave, or the use of one. */
export type Kind = keyof typeof TAGS;

/** A sealed token and the name of its bytes. */
export interface Token {
  readonly bytes: Uint8Array;
  readonly cid: string;
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
  parse: (payload: unknown) => Payload,
): Payload {
  const { signature, content, payload, key } = read(kind, bytes, parse);
  if (verifySignature(key, encodeCbor(content), signature)) return payload;
  throw new ProofError(`PROOF_${kind}_SIGNATURE`, 'the issuer did not sign this');
}

function read<Payload extends { readonly iss: string }>(
  kind: Kind,
  bytes: Uint8Array,
  parse: (payload: unknown) => Payload,
): { signature: Uint8Array; content: Cbor; payload: Payload; key: Uint8Array } {
  try {
    const envelope = decodeCbor(bytes);
    if (!Array.isArray(envelope) || envelope.length !== 2) throw new TypeError('no envelope');
    const [signature, content]: readonly Cbor[] = envelope;
    if (!(signature instanceof Uint8Array)) throw new TypeError('no signature');
    if (content === undefined || !isMap(content)) throw new TypeError('no content');
    const { h, [TAGS[kind]]: claims = content[TAGS[kind] + CANDIDATE] } = content;
    if (!(h instanceof Uint8Array) || !sameBytes(h, VARSIG)) throw new TypeError('no varsig');
    if (Object.keys(content).length !== 2) throw new TypeError('something beside the payload');
    const payload = parse(claims);
    return { signature, content, payload, key: publicKeyOf(payload.iss) };
  } catch (cause) {
    throw new ProofError(`PROOF_${kind}_MALFORMED`, 'not a UCAN of this kind', { cause });
  }
}
