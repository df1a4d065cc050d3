import { inference } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

type Code = keyof typeof inference.errors;

export class InferenceError extends ApplianceError<Code> {
  override name = 'InferenceError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, inference.errors[code], message, options);
  }
}
