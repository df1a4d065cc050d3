import { ApplianceError, type Logger, retrying } from '@physiclaw/platform';

/** Codes of a peer that is not there now and will be again. */
const AWAY = new Set(['PEER_UNREACHABLE', 'PEER_SILENT', 'POLICY_GATE_ABSENT']);

/**
 * Asks until the peer is there; whatever it then says is its answer. For questions that may be
 * asked twice.
 *
 * @throws what the peer answered, or the signal's reason.
 */
export async function patiently<Reply>(
  what: string,
  ask: () => Promise<Reply>,
  options: { log: Logger; signal: AbortSignal },
): Promise<Reply> {
  const answer = await retrying(
    what,
    async () => {
      try {
        return { reply: await ask() };
      } catch (error) {
        if (AWAY.has(codeOf(error))) throw error;
        return { error };
      }
    },
    options,
  );
  if ('error' in answer) throw answer.error;
  return answer.reply;
}

/** A reason to ask again that is not the peer's own: what it waits for has not come yet. */
export function notYet(what: string): ApplianceError {
  return new ApplianceError('PEER_UNREACHABLE', 503, what);
}

export function codeOf(error: unknown): string {
  return error instanceof ApplianceError ? error.code : 'INTERNAL';
}
