import { type Receipt, type ReceiverSettings, SpiffeId } from '@physiclaw/contracts';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { type TestLog, TRUST_DOMAIN } from '../../tools/log.ts';
import { authority } from '../receiver/double.ts';

const person = SpiffeId.parse(`spiffe://${TRUST_DOMAIN}/user/p-0123456789abcdef`);
const signer = signerFromSeed(generateSeed());

export function receiverAt(destination: string): ReceiverSettings {
  return { destination, ca: authority.ca };
}

/** What the log says when a person has named a receiver, or nobody. */
export function choose(
  log: TestLog,
  receiver: ReceiverSettings | undefined,
  reporter = 'policy',
): Receipt {
  const statement = {
    type: 'physiclaw/receiver/v1' as const,
    log: log.vkey,
    ...(receiver && { receiver }),
    key: signer.did,
  };
  return log.append(reporter, {
    kind: 'receiver',
    person,
    signed: signStatement(statement, signer),
  });
}
