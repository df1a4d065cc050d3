import { Decision, Receipt, type TurnEvent } from '@physiclaw/contracts';
import { z } from 'zod';
import type { Begun, EventData, EventName, EventStore } from '../turn/event-store.ts';

const Requested = z.strictObject({
  actuator: z.string(),
  title: z.string(),
  hash: z.string(),
  intent: z.string(),
});
const Decided = z.looseObject({ decision: Decision });
const Asked = z.looseObject({ request: z.string() });
const Started = z.looseObject({
  delegation: z.string(),
  invocation: z.string(),
  capability: z.string(),
  receipt: Receipt,
});
export type Started = z.infer<typeof Started>;
const Completed = z.looseObject({ receipt: Receipt });
const Refused = z.looseObject({
  code: z.string(),
  rules: z.array(z.string()),
  receipt: Receipt.optional(),
  /** It may have run: nobody could prove its end. */
  unseen: z.boolean().default(false),
});

/** What the events of a turn tell of one of its calls: all that survives a crash. */
export class Story {
  readonly #events: EventStore;
  readonly #begun: Begun;
  readonly #step: string;

  constructor(events: EventStore, begun: Begun, step: string) {
    this.#events = events;
    this.#begun = begun;
    this.#step = step;
  }

  tell(name: EventName, data: EventData): void {
    this.#events.append(this.#begun, { name, step: this.#step, data });
  }

  get last(): TurnEvent | undefined {
    return this.#all().at(-1);
  }

  count(name: EventName): number {
    return this.#all().filter((event) => event.name === name).length;
  }

  /** The data of the latest `tool.requested`, and in it the intent. */
  requested(): z.infer<typeof Requested> {
    return Requested.parse(this.#latest('tool.requested'));
  }

  decision(): Decision {
    return Decided.parse(this.#latest('tool.decided')).decision;
  }

  /** The request that waits for a person, or the last one that did. */
  asked(): string {
    return Asked.parse(this.#latest('approval.requested')).request;
  }

  /** The last request that was granted: its approval counts until it was used. */
  granted(): string | undefined {
    const data = this.#latest('approval.granted');
    return data === undefined ? undefined : Asked.parse(data).request;
  }

  started(): Started {
    return Started.parse(this.#latest('tool.started'));
  }

  completed(): Receipt {
    return Completed.parse(this.#latest('tool.completed')).receipt;
  }

  refused(): z.infer<typeof Refused> {
    return Refused.parse(this.#latest('tool.refused'));
  }

  #latest(name: EventName): EventData | undefined {
    return this.#all().findLast((event) => event.name === name)?.data;
  }

  #all(): TurnEvent[] {
    return this.#events.events(this.#begun.turn).filter(({ step }) => step === this.#step);
  }
}
