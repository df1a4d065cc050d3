import { bootClock } from '@physiclaw/platform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Changes,
  openWorld,
  OTHER_SESSION,
  POLICY,
  SESSION,
  TURN,
  type World,
} from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const { boot, seconds } = bootClock();
const past = { boot, seconds: seconds - 1 };
const otherBoot = { boot: 'another boot', seconds: 1e9 };
test.each<[string, Changes, string]>([
  ['of another session', { decision: { session: OTHER_SESSION } }, 'TOOLS_SESSION_MISMATCH'],
  ['of another turn', { decision: { turn: `t-${'2'.repeat(32)}` } }, 'TOOLS_SESSION_MISMATCH'],
  ['on another intent', { decision: { intent: POLICY } }, 'TOOLS_INTENT_MISMATCH'],
  ['that names another actuator', { decision: { actuator: 'list_dir' } }, 'TOOLS_INTENT_MISMATCH'],
  [
    'on another capability',
    { decision: { capability: `bafyrei${'a'.repeat(52)}` } },
    'TOOLS_CAPABILITY_MISMATCH',
  ],
  ['without a capability', { without: 'capability' }, 'TOOLS_CAPABILITY_MISMATCH'],
  [
    'for an earlier run of the gate',
    { decision: { epoch: `e-${'0'.repeat(32)}` } },
    'TOOLS_EPOCH_PAST',
  ],
  ['without an epoch', { without: 'epoch' }, 'TOOLS_EPOCH_PAST'],
  ['past its time', { decision: { expires: past } }, 'TOOLS_EXPIRED'],
  ['of another boot', { decision: { expires: otherBoot } }, 'TOOLS_EXPIRED'],
  ['without an end', { without: 'expires' }, 'TOOLS_EXPIRED'],
  ['for another profile', { decision: { profile: 'open' } }, 'TOOLS_PROFILE_MISMATCH'],
  ['for another driver', { decision: { driver: 'none' } }, 'TOOLS_PROFILE_MISMATCH'],
])('a decision %s is refused', async (_what, changes, code) => {
  expect(await world.refusal(world.present(await world.intent(), changes))).toBe(code);
});

test.each<[string, Changes, string]>([
  [
    'session',
    { decision: { session: OTHER_SESSION } },
    `expected a decision in ${SESSION} and ${TURN}, got one in ${OTHER_SESSION} and ${TURN}`,
  ],
  ['intent', { decision: { intent: POLICY } }, `got one on read_file ${POLICY}`],
  ['actuator', { decision: { actuator: 'list_dir' } }, 'got one on list_dir'],
  [
    'profile',
    { decision: { profile: 'open' } },
    'expected a decision for sandbox of bubblewrap, got one for open of bubblewrap',
  ],
])(
  'a refusal for the %s says what was expected and what was found',
  async (_what, changes, said) => {
    const presented = world.present(await world.intent(), changes);

    await expect(world.act(presented)).rejects.toThrow(said);
  },
);
