import { agent } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof agent.errors;

export class AgentError extends ApplianceError<Code> {
  override name = 'AgentError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, agent.errors[code], message, options);
  }
}

/** Whether it was our own disk that failed: what was to be kept was not, and can be later. */
export function isStorage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(SQLITE_|ENOSPC|EDQUOT|EIO|DISK_FULL)/.test(code);
}
