import { gateway } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof gateway.errors;

export class GatewayError extends ApplianceError<Code> {
  override name = 'GatewayError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, gateway.errors[code], message, options);
  }
}
