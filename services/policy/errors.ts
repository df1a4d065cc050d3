import { policy } from '@physiclaw/contracts';
import { errorsOf } from '@physiclaw/platform';

export class PolicyError extends errorsOf(policy.errors) {
  override name = 'PolicyError';
}
