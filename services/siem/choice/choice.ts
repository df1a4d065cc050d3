import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Receipt, type ReceiverSettings } from '@physiclaw/contracts';
import { spiffeIdOf, writeDurable } from '@physiclaw/platform';
import { openReceipt } from '@physiclaw/proof';
import { SiemError } from '../errors.ts';

export interface ChoiceOptions {
  /**
   * Where the receipt of the latest choice is kept. It is proven anew when it is read: who can
   * write it can bring an older choice back, and make none of his own.
   */
  readonly path: string;
  /** The log's verifier key, from the anchors. */
  readonly vkey: string;
  readonly trustDomain: string;
}

/** Who gets the log, as a person signed, `policy` found good and the log recorded. */
export class Choice {
  readonly #options: ChoiceOptions;
  #index = -1;
  #receiver: ReceiverSettings | undefined;

  /** @throws SiemError SIEM_RECEIPT_REFUSED when what was kept proves no choice. */
  constructor(options: ChoiceOptions) {
    this.#options = options;
    if (!existsSync(options.path)) return;
    this.#use(this.#open(() => Receipt.parse(JSON.parse(readFileSync(options.path, 'utf8')))));
  }

  /** Nobody when absent. */
  get receiver(): ReceiverSettings | undefined {
    return this.#receiver;
  }

  /**
   * Resolves once the choice is on the disk.
   *
   * @throws SiemError SIEM_RECEIPT_REFUSED for a receipt of anything but a later choice,
   * SIEM_RECEIVER_INVALID when its certificates cannot be read; ApplianceError DISK_FULL.
   */
  async take(receipt: Receipt): Promise<void> {
    const chosen = this.#open(() => receipt);
    if (chosen.index <= this.#index) throw refused(`the choice of entry ${this.#index} is later`);
    checkReceiver(chosen.receiver);
    await writeDurable(this.#options.path, JSON.stringify(receipt));
    this.#use(chosen);
  }

  #open(read: () => Receipt): Chosen {
    const { vkey, trustDomain } = this.#options;
    try {
      const { entry, index } = openReceipt(read(), vkey);
      const { event, reporter } = entry.unmapped;
      if (event.kind === 'receiver' && reporter === spiffeIdOf(trustDomain, 'policy')) {
        return { index, receiver: event.signed.statement.receiver };
      }
    } catch (cause) {
      throw refused('it does not hold', cause);
    }
    throw refused('it is of another entry');
  }

  #use({ index, receiver }: Chosen): void {
    this.#index = index;
    this.#receiver = receiver;
  }
}

interface Chosen {
  readonly index: number;
  readonly receiver: ReceiverSettings | undefined;
}

/**
 * Whether a receiver could be asked: what cannot be read would end the service at each start.
 *
 * @throws SiemError SIEM_RECEIVER_INVALID
 */
export function checkReceiver(receiver: ReceiverSettings | undefined): void {
  const pem = receiver?.ca ?? '';
  const [, ...blocks] = pem.split('-----BEGIN CERTIFICATE-----');
  try {
    blocks.map((block) => new X509Certificate(`-----BEGIN CERTIFICATE-----${block}`));
  } catch (cause) {
    const message = 'expected certificates in PEM, found what is none; nothing was changed';
    throw new SiemError('SIEM_RECEIVER_INVALID', message, { cause });
  }
}

function refused(why: string, cause?: unknown): SiemError {
  const message = `expected the receipt of a person's latest choice of a receiver; ${why}`;
  return new SiemError('SIEM_RECEIPT_REFUSED', message, { cause });
}
