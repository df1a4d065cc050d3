import { checkCapability as check, ProofError } from '@physiclaw/proof';
import { type Code, ToolsError } from '../errors.ts';

export type Capability = Parameters<typeof check>[0];

/**
 * The delegation is of `policy`, is the one that the decision names, and is for this session, intent
 * and run of the gate; the invocation is of the session's own key.
 */
export function checkCapability(capability: Capability): void {
  try {
    check(capability);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new ToolsError(codeOf(cause.code), cause.message, { cause });
  }
}

function codeOf(code: string): Code {
  if (code === 'PROOF_DELEGATION_CID') return 'TOOLS_CAPABILITY_MISMATCH';
  return code.startsWith('PROOF_INVOCATION_')
    ? 'TOOLS_INVOCATION_INVALID'
    : 'TOOLS_DELEGATION_INVALID';
}
