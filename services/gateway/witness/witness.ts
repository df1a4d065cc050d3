import { ApplianceError, Witness, type WitnessOptions } from '@physiclaw/platform';

/** What this service saw of the log last; its `look` throws AUDIT_LOG_FORKED on another log. */
export function openWitness(options: Omit<WitnessOptions, 'forked'>): Witness {
  return new Witness({ ...options, forked });
}

function forked(cause: Error): ApplianceError {
  const message = 'expected a log that extends the last checkpoint seen here; found another';
  return new ApplianceError('AUDIT_LOG_FORKED', 500, message, { cause });
}
