import { type Api, audit, type LogEvent, type Receipt } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import {
  canonicalize,
  consistencyNodes,
  encodeBase64,
  generateSeed,
  hashChildren,
  hashLeaf,
  type HashReader,
  inclusionNodes,
  logVerifier,
  rootOf,
  signCheckpoint,
  signerFromSeed,
} from '@physiclaw/proof';
import type { z } from 'zod';

type Event = z.input<typeof LogEvent>;

export const TRUST_DOMAIN = 'test.internal';
const ORIGIN = 'test.internal/log';

/** A log in memory, with real leaves, proofs and signatures; it answers as `audit` would. */
export class TestLog {
  readonly signer;
  readonly entries: string[];
  /** Thrown by the next appends of this kind of event, one each. */
  readonly failures: { kind: Event['kind']; code: string; after?: boolean }[] = [];
  /** What a lying log records in place of `started`. */
  instead: Event | undefined;
  readonly #spent: Set<string>;
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(
    signer = signerFromSeed(generateSeed()),
    entries: string[] = [],
    spent: string[] = [],
  ) {
    this.signer = signer;
    this.entries = [...entries];
    this.#spent = new Set(spent);
  }

  get vkey(): string {
    return logVerifier(ORIGIN, this.signer.publicKey);
  }

  /** Another log with the same key and, up to here, the same entries. */
  fork(size = this.entries.length): TestLog {
    return new TestLog(this.signer, this.entries.slice(0, size));
  }

  append(service: string, event: Event, once: string[] = []): Receipt {
    const told = event.kind === 'started' ? (this.instead ?? event) : event;
    const failure = this.failures.find(({ kind }) => kind === event.kind);
    if (failure !== undefined) this.failures.splice(this.failures.indexOf(failure), 1);
    if (failure !== undefined && failure.after !== true) throw refusal(failure.code);
    if (once.some((key) => this.#spent.has(key))) throw refusal('AUDIT_ALREADY_USED');
    for (const key of once) this.#spent.add(key);
    this.entries.push(entryText(service, told, once));
    if (failure !== undefined) throw refusal(failure.code);
    return this.receipt(this.entries.length - 1);
  }

  receipt(index: number, size = this.entries.length): Receipt {
    const entry = this.entries[index];
    if (entry === undefined) throw refusal('AUDIT_INDEX_BEYOND_LOG');
    const proof = inclusionNodes(index, size, this.#read).map(encodeBase64);
    return { index, entry, proof, checkpoint: this.checkpoint(size) };
  }

  checkpoint(size = this.entries.length): string {
    return signCheckpoint({ origin: ORIGIN, size, root: rootOf(size, this.#read) }, this.signer);
  }

  /** The events that this service reported, oldest first. */
  events<Kind extends Event['kind']>(kind: Kind): Extract<Event, { kind: Kind }>[] {
    return this.entries
      .map((text) => JSON.parse(text).unmapped.event)
      .filter((event) => event.kind === kind);
  }

  /** What a peer of `audit` is to `tools`. */
  get peer(): Pick<Peer, 'ask'> {
    return {
      ask: async (call, question) => {
        await Promise.resolve();
        return call.reply.parse(this.#answer(call.name, call.request.parse(question)));
      },
    };
  }

  #answer(name: string, question: unknown): unknown {
    const { calls } = audit satisfies Api;
    const size = this.entries.length;
    switch (name) {
      case 'append': {
        const { event, once } = calls.append.request.parse(question);
        return this.append('tools', event, once);
      }
      case 'checkpoint':
        return { checkpoint: this.checkpoint(), size };
      case 'receipt':
        return this.receipt(calls.receipt.request.parse(question).index);
      case 'entries': {
        const { from, count } = calls.entries.request.parse(question);
        if (from > size) throw refusal('AUDIT_INDEX_BEYOND_LOG');
        return { size, entries: this.entries.slice(from, from + count) };
      }
      case 'consistency': {
        const { from, to } = calls.consistency.request.parse(question);
        if (to > size) throw refusal('AUDIT_INDEX_BEYOND_LOG');
        return { proof: consistencyNodes(from, to, this.#read).map(encodeBase64) };
      }
      default:
        throw new Error(`no answer to ${name}`);
    }
  }

  /** A full subtree never changes, so each is hashed once. */
  readonly #read: HashReader = (level, index) => {
    const key = `${level}/${index}`;
    const node = this.#nodes.get(key) ?? this.#hash(level, index);
    this.#nodes.set(key, node);
    return node;
  };

  #hash(level: number, index: number): Uint8Array {
    if (level === 0) return hashLeaf(new TextEncoder().encode(this.entries[index] ?? ''));
    const [left, right] = [index * 2, index * 2 + 1];
    return hashChildren(this.#read(level - 1, left), this.#read(level - 1, right));
  }
}

export function entryText(service: string, event: Event, once: string[] = []): string {
  return canonicalize({
    category_uid: 6,
    class_uid: 6003,
    activity_id: 99,
    type_uid: 600_399,
    severity_id: 1,
    time: 1,
    metadata: {
      version: '1.6.0',
      product: { name: 'physiclaw', vendor_name: 'physiclaw' },
      profiles: ['ai_operation', 'record_integrity'],
    },
    unmapped: {
      reporter: `spiffe://${TRUST_DOMAIN}/${service}`,
      time_source: 'unverified-rtc',
      once,
      event: JSON.parse(JSON.stringify(event)),
    },
  });
}

function refusal(code: string): ApplianceError {
  return new ApplianceError(code, 500, code);
}
