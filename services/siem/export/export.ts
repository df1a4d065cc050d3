import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt, ReceiverSettings } from '@physiclaw/contracts';
import {
  ApplianceError,
  type Peer,
  type ServiceContext,
  type SvidSource,
  Turnstile,
} from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { checkReceiver, Choice } from '../choice/choice.ts';
import type { Config } from '../config.ts';
import { Cursor } from '../cursor/cursor.ts';
import { SiemError } from '../errors.ts';
import { History } from '../log/history.ts';
import { hostField } from '../message/syslog.ts';
import { addressOf } from '../receiver/address.ts';
import { openReceiver } from '../receiver/open.ts';
import { Exporter } from './exporter.ts';

interface ExportParts extends Pick<ServiceContext, 'log'> {
  readonly peer: Peer;
  readonly svid: SvidSource;
}

/** The export, to whom it goes now: by the file, or else by a person's word. */
export class Export implements AsyncDisposable {
  readonly #config: Config;
  readonly #parts: ExportParts;
  readonly #history: History;
  readonly #choice: Choice;
  /** Named by the configuration: then no signature counts. */
  readonly #fixed: ReceiverSettings | undefined;
  readonly #turnstile = new Turnstile();
  #current: { readonly destination: string; readonly exporter: Exporter } | undefined;

  constructor(config: Config, parts: ExportParts) {
    const { anchors, state, trustDomain, destination, ca } = config;
    const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
    this.#config = config;
    this.#parts = parts;
    this.#history = new History({ log: parts.peer, vkey, path: join(state, 'checkpoint') });
    this.#fixed = destination !== undefined && ca !== undefined ? { destination, ca } : undefined;
    this.#choice = new Choice({ path: join(state, 'receiver'), vkey, trustDomain });
  }

  /** How many entries were sent to whom it goes now. */
  get sent(): number {
    return this.#current?.exporter.progress.sent ?? 0;
  }

  start(): void {
    const receiver = this.#fixed ?? this.#choice.receiver;
    if (receiver === undefined) return;
    const exporter = this.#exporterTo(receiver);
    exporter.start();
    this.#current = { destination: receiver.destination, exporter };
  }

  /** @throws SiemError SIEM_RECEIVER_FIXED, SIEM_RECEIVER_INVALID */
  check(receiver: ReceiverSettings | undefined): void {
    this.#checkFree();
    checkReceiver(receiver);
  }

  /** @throws SiemError SIEM_RECEIVER_FIXED, and what a choice is refused with. */
  async setReceiver(receipt: Receipt): Promise<void> {
    this.#checkFree();
    await this.#turnstile.pass('receiver', async () => {
      await this.#choice.take(receipt);
      await this[Symbol.asyncDispose]();
      this.start();
    });
  }

  async status() {
    const isFixed = this.#fixed !== undefined;
    // Where the log does not answer the lag is of its last known size, and the reply says so.
    const unheard = await faultOf(this.#history.look());
    const size = this.#history.accepted()?.size ?? 0;
    if (this.#current === undefined) {
      const fault = this.#choice.fault ? told(this.#choice.fault) : unheard;
      return { isFixed, state: 'none' as const, lag: size, ...(fault && { problem: fault }) };
    }
    const { destination, exporter } = this.#current;
    const { state, sent, acknowledged, problem = unheard } = exporter.progress;
    const away = addressOf(destination).protocol === 'relp' ? acknowledged : sent;
    return {
      destination,
      isFixed,
      state,
      ...(sent > 0 && { sent: sent - 1 }),
      ...(acknowledged > 0 && { acknowledged: acknowledged - 1 }),
      lag: Math.max(0, size - away),
      ...(problem && { problem }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.exporter[Symbol.asyncDispose]();
    this.#current = undefined;
  }

  #checkFree(): void {
    if (this.#fixed === undefined) return;
    const message = 'siem.destination stands in the configuration: change it there, and restart';
    throw new SiemError('SIEM_RECEIVER_FIXED', message);
  }

  #exporterTo({ destination, ca }: ReceiverSettings): Exporter {
    const { clientCertificate, heartbeatSeconds, messageBytes, state } = this.#config;
    const { svid, log } = this.#parts;
    const own = clientCertificate ? svid : undefined;
    const address = addressOf(destination);
    // Each destination has a place of its own: a new one gets the log from its beginning.
    const cursor = new Cursor(join(state, `cursor-${digestOf(destination).slice(0, 16)}`));
    return new Exporter({
      history: this.#history,
      cursor,
      open: (progress, signal) => openReceiver({ address, ca, own }, progress, signal),
      format: { host: hostField(), limit: messageBytes },
      heartbeatMs: heartbeatSeconds * 1000,
      log,
    });
  }
}

/** Why it failed, where it is a failure that a caller may hear of. */
async function faultOf(looked: Promise<unknown>) {
  try {
    await looked;
    return undefined;
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return told(error);
  }
}

function told({ code, message }: ApplianceError) {
  return { code, message };
}
