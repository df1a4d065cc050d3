import type { Logger, Peer } from '@physiclaw/platform';
import type { Session } from '../session/sessions.ts';
import type { Begun, EventStore } from '../turn/event-store.ts';

export interface Desk {
  readonly events: EventStore;
  readonly policy: Peer;
  readonly tools: Peer;
  /** The log's anchored verifier key, and the authority that capabilities come from. */
  readonly vkey: string;
  readonly authority: string;
  readonly log: Logger;
}

/** A turn as its calls see it. */
export interface Actor {
  readonly desk: Desk;
  readonly session: Session;
  readonly begun: Begun;
  readonly signal: AbortSignal;
}
