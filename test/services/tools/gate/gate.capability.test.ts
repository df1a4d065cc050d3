import { afterEach, beforeEach, expect, test } from 'vitest';
import { capabilityIn, type Changes, newSigner, openWorld, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

test.each<[string, () => Changes, string]>([
  [
    'that somebody else than policy signed',
    () => ({ authority: newSigner() }),
    'TOOLS_DELEGATION_INVALID',
  ],
  [
    "that is for another key than the session's",
    () => {
      const thief = newSigner();
      return { audience: thief.did, holder: thief };
    },
    'TOOLS_DELEGATION_INVALID',
  ],
  ['that another holder invokes', () => ({ holder: newSigner() }), 'TOOLS_INVOCATION_INVALID'],
])('a capability %s is refused', async (_what, changes, code) => {
  expect(await world.refusal(world.present(await world.intent(), changes()))).toBe(code);
});

test('a capability that is for another intent is refused', async () => {
  const allowed = world.present(await world.intent());
  const wanted = await world.intent({ arguments: { path: 'a.txt' } });
  const { receipt, intent } = world.present(wanted, {
    decision: { capability: capabilityIn(allowed) },
  });

  expect(await world.refusal({ ...allowed, receipt, intent })).toBe('TOOLS_DELEGATION_INVALID');
});

test('bytes that are no token are refused', async () => {
  const presented = world.present(await world.intent());

  expect(await world.refusal({ ...presented, delegation: 'AB==' })).toBe(
    'TOOLS_CAPABILITY_MISMATCH',
  );
  expect(await world.refusal({ ...presented, invocation: 'AB==' })).toBe(
    'TOOLS_INVOCATION_INVALID',
  );
});
