import { visible } from '@physiclaw/contracts';
import { readIntent } from '@physiclaw/proof';

/**
 * What would run, whole and in one line, in which nothing hides: a person signs for it.
 *
 * @throws ProofError PROOF_INTENT_INVALID
 */
export function shownIntent(text: string): string {
  const { actuator, arguments: given } = readIntent(text);
  return visible(`${actuator} ${JSON.stringify(given)}`);
}
