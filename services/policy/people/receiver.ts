import type { Receipt, SignedReceiver } from '@physiclaw/contracts';
import { demand } from '../errors.ts';
import type { Parts } from '../parts.ts';
import type { Events } from '../state/events.ts';
import { signerOf } from './directory.ts';

/** Index of the entry with the latest word on who gets the log. */
export function receiverIn(events: Events): number | undefined {
  return events.all('receiver')[0]?.index;
}

/**
 * Records to whom a person lets the log go, in place of the latest choice: a word that was kept back
 * counts no more once there is another. The word of one person is enough: what leaves holds no
 * question and no answer, and everybody who reads the log sees who gave it.
 *
 * @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN;
 * ApplianceError AUDIT_ALREADY_USED for the second of two words at once.
 */
export async function nameReceiver(
  signed: SignedReceiver,
  { events, log }: Parts,
): Promise<{ receipt: Receipt }> {
  await log.settle();
  const latest = receiverIn(events);
  const { log: vkey, previous } = signed.statement;
  const isNext = vkey === log.vkey && previous === latest;
  const message = `expected a word for the log ${log.vkey} that follows entry ${latest ?? 'none'}`;
  demand(isNext, 'POLICY_STATEMENT_MISMATCH', message);
  const { person } = signerOf(signed, events);
  const event = { kind: 'receiver', person, signed } as const;
  return { receipt: await log.append(event, [`receiver:${latest ?? 'first'}`]) };
}
