import { policy } from '@physiclaw/contracts';
import { errorsOf } from '@physiclaw/platform';

export class PolicyError extends errorsOf(policy.errors) {
  override name = 'PolicyError';
}

/** Throws the error of one check unless what it demands holds. */
export const demand: typeof PolicyError.demand = PolicyError.demand.bind(PolicyError);
