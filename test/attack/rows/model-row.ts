import type { Turn, World } from '../world.ts';

/** One attack of a hostile model, told in proposals. */
export interface ModelRow {
  readonly name: string;
  /** What the appliance says of it: without these words the attack was stopped by chance. */
  readonly because: readonly (string | RegExp)[];
  /**
   * Resolves with how far the attack came, as seen from outside; 0 is not at all. Where it resolves
   * with nothing, what bears the mark is counted.
   */
  readonly attack: (world: World, mark: string) => Promise<number | undefined>;
}

/** The fooled person says yes, and all that follows is waited for. */
export async function yes(world: World, turn: Turn): Promise<void> {
  await world.approve(turn);
  await turn.ended;
}
