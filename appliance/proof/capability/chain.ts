import { Cid } from '../encoding/cid.ts';
import { type ProofCode, ProofError } from '../error.ts';
import { meets } from './policy.ts';
import { type Delegation, type Invocation, openDelegation, openInvocation } from './token.ts';

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
    return openDelegation(bytes ?? refuse('PROOF_DELEGATION_MISSING', 'a cited proof is missing'));
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
  const { sub, cmd, args, iss } = invocation;
  // The chain starts with the subject, who may do anything in his own name.
  let holder: string = sub;
  let scope = '/';
  for (const delegation of delegations) {
    if (delegation.iss !== holder) {
      refuse('PROOF_DELEGATION_AUDIENCE', 'the issuer is not whom the delegation before it names');
    }
    if (delegation.sub !== sub && (delegation.sub !== null || holder === sub)) {
      refuse('PROOF_DELEGATION_SUBJECT', 'the delegation is for another subject');
    }
    if (!covers(scope, delegation.cmd)) {
      refuse('PROOF_DELEGATION_COMMAND', 'the delegation allows more than the one before it');
    }
    if (!meets(delegation.pol, args)) {
      refuse('PROOF_DELEGATION_POLICY', 'the arguments are not what the delegation allows');
    }
    holder = delegation.aud;
    scope = delegation.cmd;
  }
  if (holder !== iss) {
    refuse('PROOF_INVOCATION_ISSUER', 'the last delegation is to somebody else');
  }
  if (!covers(scope, cmd)) {
    refuse('PROOF_INVOCATION_COMMAND', 'the command is beyond the delegation');
  }
}

function checkTimes({ exp }: Invocation, delegations: readonly Delegation[], time: number): void {
  if (exp !== null && exp <= time) refuse('PROOF_INVOCATION_EXPIRED', 'the invocation expired');
  for (const delegation of delegations) {
    if (delegation.exp !== null && delegation.exp <= time) {
      refuse('PROOF_DELEGATION_EXPIRED', 'a delegation expired');
    }
    if (delegation.nbf !== undefined && delegation.nbf > time) {
      refuse('PROOF_DELEGATION_EARLY', 'a delegation is not in force yet');
    }
  }
}

// By whole segments: "/tool" covers "/tool/act" and not "/toolbox".
function covers(scope: string, command: string): boolean {
  return scope === '/' || command === scope || command.startsWith(`${scope}/`);
}

function refuse(code: ProofCode, why: string): never {
  throw new ProofError(code, why);
}
