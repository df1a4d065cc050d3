import type { Target } from '../target.ts';

/** One attack of the hostile agent, told in moves that are the same against whoever acts. */
export interface Row {
  readonly name: string;
  /** How many effects a person signed; whatever is beyond them is the attacker's. */
  readonly signed: number;
  /** The checks of the appliance that say no, in order. */
  readonly refusals: readonly string[];
  /** Resolves with the code of each refusal that it met. */
  readonly attack: (target: Target, mark: string) => Promise<string[]>;
}
