import { policy } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof policy.errors;

export class PolicyError extends ApplianceError<Code> {
  override name = 'PolicyError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, policy.errors[code], message, options);
  }
}
