import { identity } from '@physiclaw/contracts';
import { errorsOf } from '@physiclaw/platform';

export class IdentityError extends errorsOf(identity.errors) {
  override name = 'IdentityError';
}
