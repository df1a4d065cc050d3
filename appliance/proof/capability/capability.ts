import { type CborMap, Cid, sameCbor } from '../encoding/dag-cbor.ts';
import { demand } from '../error.ts';
import type { Signer } from '../key/signer.ts';
import { type Condition, meets } from './policy.ts';
import {
  delegate,
  type Delegation,
  type Invocation,
  invoke,
  openDelegation,
  openInvocation,
  type Token,
} from './token.ts';

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
    aud: audience,
    sub: authority.did,
    cmd: COMMAND,
    pol: policyOf(options),
    exp: expiresUnix,
    nbf: expiresUnix - LIFETIME_SECONDS,
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
    sub: authority,
    cmd: COMMAND,
    args: argumentsOf(options),
    prf: [delegation],
    exp: null,
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
  const proofs = [options.delegation];
  const { invocation, delegations } = checkInvocation({ invocation: options.invocation, proofs });
  const [delegation] = delegations;
  // Anybody may invoke in his own name without a proof; that is nobody's leave to act here.
  demand(delegation !== undefined, 'PROOF_DELEGATION_MISSING', 'it cites no capability');
  const { iss, aud, cmd, pol } = delegation;
  demand(iss === authority, 'PROOF_DELEGATION_ISSUER', 'somebody else issued it');
  demand(aud === audience, 'PROOF_DELEGATION_AUDIENCE', 'it is for another session');
  demand(cmd === COMMAND, 'PROOF_DELEGATION_COMMAND', 'it is for another command');
  // A policy that merely admits the purpose may admit others too.
  demand(sameCbor(pol, policyOf(options)), 'PROOF_DELEGATION_POLICY', 'it is for another purpose');
  const { aud: executor = authority, args } = invocation;
  demand(invocation.cmd === COMMAND, 'PROOF_INVOCATION_COMMAND', 'it asks for another command');
  demand(executor === authority, 'PROOF_INVOCATION_AUDIENCE', 'it asks somebody else');
  const asked = sameCbor(args, argumentsOf(options));
  demand(asked, 'PROOF_INVOCATION_ARGUMENTS', 'it has other arguments');
}

/**
 * Checks an invocation against the delegations that it cites: each signed, in force at `time`, for
 * the invoker's subject, command and arguments, from the subject to the invoker without a gap.
 * Whether it was seen or revoked before is for the caller to know.
 *
 * `time` is in Unix seconds; without it no time is checked, for callers with a better clock.
 *
 * @throws ProofError PROOF_DELEGATION_* or PROOF_INVOCATION_*, by what does not hold.
 */
export function checkInvocation(options: {
  readonly invocation: Uint8Array;
  readonly proofs: readonly Uint8Array[];
  readonly time?: number;
}): { readonly invocation: Invocation; readonly delegations: readonly Delegation[] } {
  const { proofs, time } = options;
  const invocation = openInvocation(options.invocation);
  const given = new Map(proofs.map((bytes) => [Cid.of(bytes).toString(), bytes]));
  const delegations = invocation.prf.map((cid) => {
    const bytes = given.get(cid.toString());
    demand(bytes !== undefined, 'PROOF_DELEGATION_MISSING', 'a cited proof is missing');
    return openDelegation(bytes);
  });
  checkChain(invocation, delegations, time);
  return { invocation, delegations };
}

/** Checks what a chain of tokens says, their signatures aside. */
export function checkChain(
  invocation: Invocation,
  delegations: readonly Delegation[],
  time?: number,
): void {
  if (time !== undefined) checkTimes(invocation, delegations, time);
  const { sub, cmd, args } = invocation;
  // The chain starts with the subject, who may do anything in his own name.
  let holder: string = sub;
  let scope = '/';
  for (const { iss, aud, sub: subject, cmd: allowed, pol } of delegations) {
    const passedOn = iss === holder;
    demand(passedOn, 'PROOF_DELEGATION_AUDIENCE', 'its issuer is not whom the one before it names');
    const ours = subject === sub || (subject === null && holder !== sub);
    demand(ours, 'PROOF_DELEGATION_SUBJECT', 'the delegation is for another subject');
    const narrower = covers(scope, allowed);
    demand(narrower, 'PROOF_DELEGATION_COMMAND', 'it allows more than the one before it');
    demand(meets(pol, args), 'PROOF_DELEGATION_POLICY', 'the arguments are not what it allows');
    [holder, scope] = [aud, allowed];
  }
  const asksHimself = holder === invocation.iss;
  demand(asksHimself, 'PROOF_INVOCATION_ISSUER', 'the last delegation is to somebody else');
  demand(covers(scope, cmd), 'PROOF_INVOCATION_COMMAND', 'the command is beyond the delegation');
}

function checkTimes({ exp }: Invocation, delegations: readonly Delegation[], time: number): void {
  const lasts = (end: number | null) => end === null || time < end;
  demand(lasts(exp), 'PROOF_INVOCATION_EXPIRED', 'the invocation expired');
  for (const delegation of delegations) {
    demand(lasts(delegation.exp), 'PROOF_DELEGATION_EXPIRED', 'a delegation expired');
    const begun = (delegation.nbf ?? time) <= time;
    demand(begun, 'PROOF_DELEGATION_EARLY', 'a delegation is not in force yet');
  }
}

// By whole segments: "/tool" covers "/tool/act" and not "/toolbox".
function covers(scope: string, command: string): boolean {
  return scope === '/' || command === scope || command.startsWith(`${scope}/`);
}

function policyOf(purpose: Purpose): Condition[] {
  return Object.entries(argumentsOf(purpose)).map(([name, value]) => ['==', `.${name}`, value]);
}

function argumentsOf({ sessionId, intent, epoch }: Purpose): CborMap {
  return { session: sessionId, intent, epoch };
}
