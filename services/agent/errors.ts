import { agent } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof agent.errors;

export class AgentError extends ApplianceError<Code> {
  override name = 'AgentError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, agent.errors[code], message, options);
  }
}
