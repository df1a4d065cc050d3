import { join } from 'node:path';
import { type audit, type Receipt, reporters, type SpiffeId } from '@physiclaw/contracts';
import { codeOf, type Reserve, serviceOf } from '@physiclaw/platform';
import { canonicalize, onceKey, signCheckpoint, type Signer } from '@physiclaw/proof';
import type { z } from 'zod';
import { AuditError } from '../errors.ts';
import { LOG, MAX_BATCH, type OpenedLog, removeFiles, writeBatch } from './folder.ts';
import { Evidence, grow, type Growth } from './state.ts';

interface LogOptions {
  readonly state: string;
  readonly signer: Signer;
  readonly reserve: Reserve;
  /** Told once, after everybody who waits: the process must end. */
  readonly onBroken: (error: AuditError) => void;
}

/** An entry that waits for its place. */
interface Arrival extends PromiseWithResolvers<Receipt> {
  readonly bytes: Uint8Array;
  readonly once: readonly string[];
  readonly urgent: boolean;
}

/** The append-only log. One process owns its folder. */
export class Log implements AsyncDisposable {
  readonly #options: LogOptions;
  #state: OpenedLog;
  #evidence: Evidence;
  #time: number;
  #queue: Arrival[] = [];
  #writing: Promise<void> | undefined;
  #broken: AuditError | undefined;

  constructor(state: OpenedLog, options: LogOptions) {
    this.#options = options;
    this.#state = state;
    this.#evidence = new Evidence(join(options.state, LOG), state);
    this.#time = state.time;
  }

  /** The log as it was last made durable. */
  get current(): Evidence {
    return this.#evidence;
  }

  /**
   * Resolves once the entry is durable, with its receipt. What arrives while a batch is written
   * goes into the next one.
   *
   * @throws AuditError AUDIT_KIND_REFUSED, AUDIT_ENTRY_TOO_LARGE, AUDIT_ALREADY_USED when a key was
   *   used before, AUDIT_DISK_FULL; nothing is recorded then. AUDIT_LOG_BROKEN: nobody knows.
   */
  async append(request: EntryRequest, reporter: SpiffeId): Promise<Receipt> {
    if (this.#broken) throw this.#broken;
    // A clock that was set back must not make the log say that an effect came before its cause.
    const time = Math.max(this.#time, Date.now());
    const bytes = entryBytes(request, reporter, time);
    const once = request.once.map((key) => onceKey(reporter, key));
    this.#takeKeys(once);
    this.#time = time;
    const waiting = Promise.withResolvers<Receipt>();
    this.#queue.push({ ...waiting, bytes, once, urgent: URGENT.has(request.event.kind) });
    this.#writing ??= this.#writeQueue();
    return waiting.promise;
  }

  /** Resolves when everything that arrived is durable. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  /** All keys or none; those of entries on their way count, so that two cannot pass at once. */
  #takeKeys(keys: readonly string[]): void {
    const { used } = this.#state;
    const taken = keys.find((key, at) => used.has(key) || keys.indexOf(key) < at);
    const name = JSON.stringify(taken?.slice(taken.indexOf(' ') + 1));
    AuditError.demand(taken === undefined, 'AUDIT_ALREADY_USED', `the key ${name} was used up`);
    for (const key of keys) used.add(key);
  }

  async #writeQueue(): Promise<void> {
    // What arrives in the same turn of the event loop shares a batch.
    await Promise.resolve();
    let batch: Arrival[] = [];
    try {
      while (this.#queue.length > 0) {
        batch = this.#queue.splice(0, MAX_BATCH);
        await this.#writeWhatFits(batch);
      }
    } catch (cause) {
      this.#break(batch, cause);
    }
    this.#writing = undefined;
  }

  async #writeWhatFits(batch: readonly Arrival[]): Promise<void> {
    const ordinary = batch.some(({ urgent }) => !urgent);
    let left = ordinary && !(await this.#options.reserve.regrow()) ? onlyUrgent(batch) : batch;
    this.#refuse(batch.filter((arrival) => !left.includes(arrival)));
    while (left.length > 0) {
      const entries = left.map(({ bytes }) => bytes);
      const growth = grow(this.#state, entries);
      if (await this.#write(growth, left)) return;
      const urgent = onlyUrgent(left);
      const bytes = [...growth.files.values()].reduce((sum, { length }) => sum + length, 0);
      const room = urgent.length > 0 && (await this.#options.reserve.release(bytes));
      this.#refuse(room ? left.filter((arrival) => !arrival.urgent) : left);
      left = room ? urgent : [];
    }
  }

  /** Whether there was room. */
  async #write(growth: Growth, batch: readonly Arrival[]): Promise<boolean> {
    const { state, signer } = this.#options;
    const { files, superseded, ...grown } = growth;
    const { root, size } = grown.tree;
    const { origin, checkpoint: previous } = this.#state;
    const checkpoint = signCheckpoint({ origin, size, root }, signer);
    if (!(await writeBatch(state, { files, checkpoint, previous }))) return false;
    this.#state = { ...this.#state, ...grown, checkpoint };
    this.#evidence = new Evidence(join(state, LOG), this.#state);
    for (const [at, { bytes, resolve }] of batch.entries()) {
      const entry = new TextDecoder().decode(bytes);
      resolve(this.#evidence.receipt(size - batch.length + at, entry));
    }
    removeFiles(join(state, LOG), superseded);
    return true;
  }

  #refuse(arrivals: readonly Arrival[]): void {
    for (const { once, reject } of arrivals) {
      for (const key of once) this.#state.used.delete(key);
      const message = `the disk of the log is full, so nothing may act: make room on the disk that holds ${this.#options.state}`;
      reject(new AuditError('AUDIT_DISK_FULL', message));
    }
  }

  #break(batch: readonly Arrival[], cause: unknown): void {
    const message = `the log cannot be written (${codeOf(cause) ?? 'no reason given'}), and nothing may act: look at the disk; physiclaw audit verify`;
    const error = new AuditError('AUDIT_LOG_BROKEN', message, { cause });
    this.#broken = error;
    for (const { reject } of [...batch, ...this.#queue]) reject(error);
    this.#queue = [];
    this.#options.onBroken(error);
  }
}

function onlyUrgent(arrivals: readonly Arrival[]): readonly Arrival[] {
  return arrivals.filter(({ urgent }) => urgent);
}

const MAX_ENTRY_BYTES = 8192;

/** What stops things, keeps people able to act and frees space: recorded on a full disk too. */
export const URGENT = new Set('svid clock sign-in kill resume export'.split(' '));

type EntryRequest = z.output<typeof audit.calls.append.request>;

/**
 * The bytes of an entry: canonical JSON.
 *
 * @throws AuditError AUDIT_KIND_REFUSED unless the kind is the reporter's to report,
 *   AUDIT_ENTRY_TOO_LARGE beyond 8,192 bytes.
 */
export function entryBytes({ event, once }: EntryRequest, reporter: SpiffeId, time: number) {
  const may = reporters[event.kind].includes(serviceOf(reporter));
  AuditError.demand(may, 'AUDIT_KIND_REFUSED', `${reporter} may not report ${event.kind}`);
  const bytes = new TextEncoder().encode(
    canonicalize({
      category_uid: 6,
      class_uid: 6003,
      activity_id: 99,
      type_uid: 600_399,
      severity_id: 1,
      time,
      metadata: {
        version: '1.6.0',
        product: { name: 'physiclaw', vendor_name: 'physiclaw' },
        profiles: ['ai_operation', 'record_integrity'],
      },
      unmapped: { reporter, time_source: 'unverified-rtc', once: [...once], event },
    }),
  );
  const message = `expected ${MAX_ENTRY_BYTES} bytes at most, got ${bytes.length}`;
  AuditError.demand(bytes.length <= MAX_ENTRY_BYTES, 'AUDIT_ENTRY_TOO_LARGE', message);
  return bytes;
}
