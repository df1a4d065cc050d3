import type { Receipt, SignedReceiver } from '@physiclaw/contracts';
import { PolicyError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Parts } from '../parts.ts';
import { signerOf } from './directory.ts';

/**
 * Records to whom a person lets the log go. The word of one person is enough: what leaves holds no
 * question and no answer, and everybody who reads the log sees who gave it.
 *
 * @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN;
 * ApplianceError AUDIT_ALREADY_USED for a statement that was used before.
 */
export async function nameReceiver(
  signed: SignedReceiver,
  { config, events, log }: Pick<Parts, 'config' | 'events'> & { log: Pick<Log, 'append'> },
): Promise<{ receipt: Receipt }> {
  const { trustDomain, change } = signed.statement;
  const here = trustDomain === config.trustDomain;
  PolicyError.demand(here, 'POLICY_STATEMENT_MISMATCH', `expected domain ${config.trustDomain}`);
  const { person } = signerOf(signed, events);
  const event = { kind: 'receiver', person, signed } as const;
  return { receipt: await log.append(event, [`receiver:${change}`]) };
}
