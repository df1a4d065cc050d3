import { sameBytes } from '../encoding/bytes.ts';
import { type Cbor, decodeCbor, encodeCbor } from '../encoding/dag-cbor.ts';
import { ProofError } from '../error.ts';
import { type Signer, verifySignature } from '../key/signer.ts';

// Varsig 1: EdDSA, curve edwards25519, SHA2-512, over DAG-CBOR.
const VARSIG = Uint8Array.of(0x34, 0x01, 0xed, 0x01, 0xed, 0x01, 0x13, 0x71);
const VERSION = '1.0.0-rc.1';

/** The two kinds of token that a capability is made of. */
export type Spec = 'dlg' | 'inv';

/** Signs a payload whose `iss` is the signer. */
export function sealEnvelope(
  spec: Spec,
  payload: { readonly [key: string]: Cbor },
  signer: Signer,
): Uint8Array {
  const content = { h: VARSIG, [tagOf(spec)]: payload };
  return encodeCbor([signer.sign(encodeCbor(content)), content]);
}

/**
 * Reads an envelope and checks that the payload's `iss` signed it.
 *
 * @throws ProofError PROOF_DELEGATION_MALFORMED, PROOF_DELEGATION_SIGNATURE, or the same of an
 *   invocation.
 */
export function openEnvelope<Payload extends { readonly iss: string }>(
  spec: Spec,
  bytes: Uint8Array,
  parse: (payload: unknown) => Payload,
): Payload {
  const { signature, content, payload } = read(spec, bytes, parse);
  if (!verifySignature(payload.iss, encodeCbor(content), signature)) {
    throw new ProofError(`PROOF_${nameOf(spec)}_SIGNATURE`, 'the issuer did not sign this');
  }
  return payload;
}

function read<Payload>(
  spec: Spec,
  bytes: Uint8Array,
  parse: (payload: unknown) => Payload,
): { signature: Uint8Array; content: Cbor; payload: Payload } {
  try {
    const envelope = decodeCbor(bytes);
    const [signature, content, ...rest] = Array.isArray(envelope) ? envelope : [];
    if (!(signature instanceof Uint8Array) || rest.length > 0) throw new TypeError('no envelope');
    const { h, [tagOf(spec)]: payload, ...others } = content;
    if (!(h instanceof Uint8Array) || !sameBytes(h, VARSIG)) throw new TypeError('no varsig');
    if (Object.keys(others).length > 0) throw new TypeError('something beside the payload');
    return { signature, content, payload: parse(payload) };
  } catch (cause) {
    throw new ProofError(`PROOF_${nameOf(spec)}_MALFORMED`, `not a UCAN ${spec}`, { cause });
  }
}

function tagOf(spec: Spec): string {
  return `ucan/${spec}@${VERSION}`;
}

function nameOf(spec: Spec): 'DELEGATION' | 'INVOCATION' {
  return spec === 'dlg' ? 'DELEGATION' : 'INVOCATION';
}
