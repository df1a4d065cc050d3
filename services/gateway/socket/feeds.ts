import { randomBytes } from 'node:crypto';
import { type Scope, type SocketEvent, socketEvents } from '@physiclaw/contracts';
import type { z } from 'zod';
import type { Caller } from '../desk/desk.ts';

const KEPT = 500;
const KEPT_BYTES = 4 * 1024 * 1024;
const IDLE_MS = 600_000;

type Payload<Event extends SocketEvent> = z.input<(typeof socketEvents)[Event]>;

interface Sent {
  readonly seq: number;
  readonly text: string;
}

/**
 * What one caller is told, numbered without gaps, on whatever connection. The latest are kept, so
 * that who was cut off gets what he missed.
 */
export class Feed {
  /** Numbers of another feed say nothing about this one. */
  readonly id = randomBytes(16).toString('hex');
  readonly caller: Caller;
  readonly #kept: Sent[] = [];
  readonly #listeners = new Set<(text: string) => void>();
  #bytes = 0;
  #seq = 0;
  #left = performance.now();

  constructor(caller: Caller) {
    this.caller = caller;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0 && performance.now() - this.#left > IDLE_MS;
  }

  publish(event: SocketEvent, payload: unknown): void {
    this.#seq += 1;
    const sent = { seq: this.#seq, text: frameOf(event, payload, this.#seq) };
    this.#kept.push(sent);
    this.#bytes += Buffer.byteLength(sent.text);
    while (this.#kept.length > KEPT || this.#bytes > KEPT_BYTES) {
      this.#bytes -= Buffer.byteLength(this.#kept.shift()?.text ?? '');
    }
    for (const listener of this.#listeners) listener(sent.text);
  }

  /** What came after a number, or undefined where some of it is gone or it is no number of ours. */
  after(id: string, seq: number): string[] | undefined {
    const first = this.#seq - this.#kept.length;
    if (id !== this.id || seq > this.#seq || seq < first) return undefined;
    return this.#kept.filter((sent) => sent.seq > seq).map(({ text }) => text);
  }

  /** @returns what ends it. */
  listen(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      this.#left = performance.now();
    };
  }
}

/** The feeds of all who were connected in the last ten minutes. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>();

  /** One for each person and set of scopes: whoever may see less has other numbers. */
  of(caller: Caller): Feed {
    for (const [key, feed] of this.#feeds) if (feed.isIdle) this.#feeds.delete(key);
    const key = [caller.person, ...[...caller.scopes].toSorted()].join(' ');
    const feed = this.#feeds.get(key) ?? new Feed(caller);
    this.#feeds.set(key, feed);
    return feed;
  }

  /** Tells everybody who holds the scope, or that person only. */
  publish<Event extends SocketEvent>(
    event: Event,
    payload: Payload<Event>,
    { scope, person }: { scope: Scope; person?: string },
  ): void {
    const parsed = socketEvents[event].parse(payload);
    for (const feed of this.#feeds.values()) {
      const { caller } = feed;
      const isMeant = person === undefined || caller.person === person;
      if (isMeant && caller.scopes.has(scope)) feed.publish(event, parsed);
    }
  }
}

export function frameOf(event: SocketEvent, payload: unknown, seq?: number): string {
  return JSON.stringify({ type: 'event', event, payload, ...(seq !== undefined && { seq }) });
}
