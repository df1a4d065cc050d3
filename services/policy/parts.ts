import type { Bell, BlobStore, Turnstile } from '@physiclaw/platform';
import type { Signer } from '@physiclaw/proof';
import type { Rules } from './cedar/rules.ts';
import type { Config } from './config.ts';
import type { KillSwitch } from './kill/switch.ts';
import type { Lease } from './lease/lease.ts';
import type { Log } from './log/log.ts';
import type { Events } from './state/events.ts';

/** What this service is made of; each call is answered with some of it. */
export interface Parts {
  readonly config: Config;
  readonly rules: Rules;
  /** Signs delegations; the gate believes nobody else. */
  readonly authority: Signer;
  readonly events: Events;
  readonly log: Log;
  /** The bytes of every intent that was decided on. */
  readonly intents: BlobStore;
  readonly killSwitch: KillSwitch;
  readonly lease: Lease;
  readonly bell: Bell;
  /** Of each session one call at a time, so that no two spend the same budget. */
  readonly turnstile: Turnstile;
  /** SHA-256 of the claim code, in hexadecimal, where one was made. */
  readonly code: string | undefined;
}
