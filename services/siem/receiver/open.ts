import type { SvidSource } from '@physiclaw/platform';
import type { Address } from './address.ts';
import { Connection } from './connection.ts';
import { Octets } from './octets.ts';
import type { Progress, Receiver } from './receiver.ts';
import { Relp } from './relp.ts';

export interface OpenOptions {
  readonly address: Address;
  readonly ca: string;
  /** Where the receiver is shown a certificate: whose. */
  readonly own: SvidSource | undefined;
}

/**
 * A receiver that was verified and is ready to take messages.
 *
 * @throws SiemError why there is none; the signal's reason.
 */
export async function openReceiver(
  { address, ca, own }: OpenOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Receiver> {
  const connection = await Connection.open(address, { ca, own: await own?.current(), signal });
  if (address.protocol === 'tls') return new Octets(connection, progress);
  const give = () => connection[Symbol.dispose]();
  signal.addEventListener('abort', give);
  try {
    return await Relp.open(connection, progress);
  } catch (error) {
    give();
    throw error;
  } finally {
    signal.removeEventListener('abort', give);
  }
}
