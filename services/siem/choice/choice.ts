import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Receipt, type ReceiverSettings } from '@physiclaw/contracts';
import { spiffeIdOf, writeDurable } from '@physiclaw/platform';
import { openReceipt } from '@physiclaw/proof';
import { SiemError } from '../errors.ts';

export interface ChoiceOptions {
  /**
   * Where the receipt of the choice that holds is kept. It is proven anew when it is read: who can
   * write it can bring back an older choice or none, and make none of his own.
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
  #fault: SiemError | undefined;

  constructor(options: ChoiceOptions) {
    this.#options = options;
    if (!existsSync(options.path)) return;
    try {
      this.#use(this.#open(Receipt.parse(JSON.parse(readFileSync(options.path, 'utf8')))));
    } catch (cause) {
      // Another can still be named: that is what would have to be done about it.
      const message = `expected in ${options.path} the receipt of the choice that holds, found another text; name the receiver again`;
      this.#fault = new SiemError('SIEM_RECEIPT_REFUSED', message, { cause });
    }
  }

  /** Nobody when absent. */
  get receiver(): ReceiverSettings | undefined {
    return this.#receiver;
  }

  /** Why it is not known what was chosen. */
  get fault(): SiemError | undefined {
    return this.#fault;
  }

  /**
   * Resolves once the choice is on the disk.
   *
   * @throws SiemError SIEM_RECEIPT_REFUSED for a receipt of anything but a later choice than the one
   * that holds, SIEM_RECEIVER_INVALID when its certificates cannot be read; ApplianceError DISK_FULL.
   */
  async take(receipt: Receipt): Promise<void> {
    const chosen = this.#open(receipt);
    if (chosen.index <= this.#index) throw refused(`the one of entry ${this.#index} is later`);
    checkReceiver(chosen.receiver);
    await writeDurable(this.#options.path, JSON.stringify(receipt));
    this.#use(chosen);
  }

  #open(receipt: Receipt): Chosen {
    const { vkey, trustDomain } = this.#options;
    try {
      const { entry, index } = openReceipt(receipt, vkey);
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
    this.#fault = undefined;
  }
}

interface Chosen {
  readonly index: number;
  readonly receiver: ReceiverSettings | undefined;
}

/**
 * Whether a receiver could be asked.
 *
 * @throws SiemError SIEM_RECEIVER_INVALID
 */
export function checkReceiver(receiver: ReceiverSettings | undefined): void {
  const [, ...blocks] = (receiver?.ca ?? '').split('-----BEGIN CERTIFICATE-----');
  try {
    blocks.map((block) => new X509Certificate(`-----BEGIN CERTIFICATE-----${block}`));
  } catch (cause) {
    const message = 'expected certificates in PEM, found what is none; name the receiver again';
    throw new SiemError('SIEM_RECEIVER_INVALID', message, { cause });
  }
}

function refused(why: string, cause?: unknown): SiemError {
  const message = `expected the receipt of a person's latest choice of a receiver; ${why}`;
  return new SiemError('SIEM_RECEIPT_REFUSED', message, { cause });
}
