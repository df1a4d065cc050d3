import type { Decision, LogEvent, policy, Receipt, tools } from '@physiclaw/contracts';
import type { Signer } from '@physiclaw/proof';
import type { z } from 'zod';

/** A session whose key the attacker holds. */
export interface Held {
  readonly session: string;
  readonly signer: Signer;
}

export type Presented = z.input<typeof tools.calls.act.request>;
type Question = z.input<typeof policy.calls.decide.request>;
type Wanted = Pick<z.input<typeof tools.calls.prepare.request>, 'actuator' | 'arguments'>;

/** The log as a thief has it who took the key and read the disk. */
interface StolenLog {
  readonly signer: Signer;
  readonly origin: string;
  readonly entries: readonly Uint8Array[];
}

/** What a hostile agent can reach, and the one person whom it works for. */
export interface Target {
  /** The did:key of whoever makes capabilities. */
  readonly authority: string;
  open(): Promise<Held>;
  prepare(held: Held, wanted: Wanted): Promise<{ intent: string; hash: string }>;
  decide(question: Question): Promise<Decision>;
  act(presented: Presented): Promise<unknown>;
  append(event: z.input<typeof LogEvent>): Promise<Receipt>;
  /** The agent itself tries to give a person's answer. */
  answerAsAgent(signed: unknown): Promise<unknown>;
  /** The person signs yes or no; what he signed is no secret. */
  answer(request: string, verdict: 'approve' | 'deny'): Promise<unknown>;
  /** Kills the gate, and resolves when the next one acts. */
  restartGate(): Promise<void>;
  stealLog(): Promise<StolenLog>;
}
