import type { Effect } from '@physiclaw/contracts';

/** By actuator, whatever its manifest says. */
const ACTUATORS: Readonly<Record<string, number>> = { exec: 1, export_file: 1 };

/** By what a call can do to the world. */
const EFFECTS: Readonly<Record<Effect, number>> = {
  'read-workspace': 0,
  'write-workspace': 0,
  'read-mount': 0,
  'write-mount': 1,
  execute: 1,
  export: 1,
};

/**
 * The least number of people who must have signed a call. It is code: no policy, no configuration
 * and no manifest lowers it.
 */
export function floorOf(actuator: string, effects: readonly Effect[]): number {
  const named = Object.hasOwn(ACTUATORS, actuator) ? ACTUATORS[actuator] : 0;
  return Math.max(named ?? 0, ...effects.map((effect) => EFFECTS[effect]));
}
