import { sameBytes } from '../encoding/bytes.ts';
import { Cid } from '../encoding/cid.ts';
import { type Cbor, type CborMap, encodeCbor } from '../encoding/dag-cbor.ts';
import { type ProofCode, ProofError } from '../error.ts';
import type { Signer } from '../key/signer.ts';
import { checkInvocation } from './chain.ts';
import type { Policy } from './policy.ts';
import type { Token } from './envelope.ts';
import { delegate, invoke } from './token.ts';

const COMMAND = '/tool/act';
const LIFETIME_SECONDS = 300;

/** What one capability is good for. */
export interface Purpose {
  readonly sessionId: string;
  /** Hash of the intent. */
  readonly intent: string;
  /** The gate's run. */
  readonly epoch: string;
}

/**
 * Lets the holder of a session's key (`audience`) have one intent carried out by one run of the
 * gate. `exp`, and `nbf` five minutes before it, are for readers elsewhere: the gate goes by the
 * boot clock of the decision entry.
 */
export function mintCapability(
  options: Purpose & { authority: Signer; audience: string; expiresUnix: number },
): Token {
  const { authority, audience, expiresUnix } = options;
  return delegate({
    signer: authority,
    audience,
    subject: authority.did,
    command: COMMAND,
    policy: policyOf(options),
    expires: expiresUnix,
    notBefore: expiresUnix - LIFETIME_SECONDS,
  });
}

/**
 * Makes use of the capability with the CID `delegation`, given by the did:key `authority`: the
 * session's key says now, and for what.
 */
export function invokeCapability(
  options: Purpose & { session: Signer; authority: string; delegation: string },
): Uint8Array {
  const { session, authority, delegation } = options;
  return invoke({
    signer: session,
    subject: authority,
    command: COMMAND,
    arguments: argumentsOf(options),
    proofs: [delegation],
    expires: null,
  }).bytes;
}

/**
 * Checks that `delegation` is the capability with the CID `capability`, made by the did:key
 * `authority` for the did:key `audience` and this purpose and no wider one, and that its holder
 * invoked it for just that. Time and whether it was used before are the gate's to check, by the
 * log and the boot clock.
 *
 * @throws ProofError PROOF_DELEGATION_* or PROOF_INVOCATION_*, by what does not hold.
 */
export function checkCapability(
  options: Purpose & {
    delegation: Uint8Array;
    invocation: Uint8Array;
    authority: string;
    audience: string;
    capability: string;
  },
): void {
  const { authority, audience, capability } = options;
  const cid = Cid.of(options.delegation).toString();
  demand(cid === capability, 'PROOF_DELEGATION_CID', 'another one was decided on');
  const { invocation, delegations } = checkInvocation({
    invocation: options.invocation,
    proofs: [options.delegation],
  });
  const [delegation] = delegations;
  // Anybody may invoke in his own name without a proof; that is nobody's leave to act here.
  if (!delegation) throw new ProofError('PROOF_DELEGATION_MISSING', 'it cites no capability');
  const { iss, aud, cmd, pol } = delegation;
  demand(iss === authority, 'PROOF_DELEGATION_ISSUER', 'somebody else issued it');
  demand(aud === audience, 'PROOF_DELEGATION_AUDIENCE', 'it is for another session');
  demand(cmd === COMMAND, 'PROOF_DELEGATION_COMMAND', 'it is for another command');
  // A policy that merely admits the purpose may admit others too.
  demand(same(pol, policyOf(options)), 'PROOF_DELEGATION_POLICY', 'it is for another purpose');
  const { aud: executor = authority, args } = invocation;
  demand(invocation.cmd === COMMAND, 'PROOF_INVOCATION_COMMAND', 'it asks for another command');
  demand(executor === authority, 'PROOF_INVOCATION_AUDIENCE', 'it asks somebody else');
  demand(same(args, argumentsOf(options)), 'PROOF_INVOCATION_ARGUMENTS', 'it has other arguments');
}

function policyOf({ sessionId, intent, epoch }: Purpose): Policy {
  return [
    ['==', '.session', sessionId],
    ['==', '.intent', intent],
    ['==', '.epoch', epoch],
  ];
}

function argumentsOf({ sessionId, intent, epoch }: Purpose): CborMap {
  return { session: sessionId, intent, epoch };
}

function same(a: Cbor, b: Cbor): boolean {
  return sameBytes(encodeCbor(a), encodeCbor(b));
}

function demand(holds: boolean, code: ProofCode, why: string): void {
  if (!holds) throw new ProofError(code, why);
}
