import { identity } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof identity.errors;

export class IdentityError extends ApplianceError<Code> {
  override name = 'IdentityError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, identity.errors[code], message, options);
  }
}
