import type { TurnEvent } from '@physiclaw/contracts';
import type { EventData } from './event-store.ts';

/** What of an event is for this service alone: with it one could present a capability. */
const OWN = new Set(['delegation', 'invocation', 'decision', 'intent', 'salt']);

/** An event as followers see it. */
export function shownEvent(event: TurnEvent): TurnEvent {
  const data: EventData = Object.fromEntries(
    Object.entries(event.data).filter(([name]) => !OWN.has(name)),
  );
  return { ...event, data };
}
