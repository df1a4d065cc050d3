import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Intent } from '@physiclaw/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorld, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const widen = ({ profile }: Intent) => ({
  profile: { ...profile, limits: { ...profile.limits, wallSeconds: 1e6 } },
});

describe('an intent that policy allowed is refused', () => {
  test.each<[string, (intent: Intent) => Partial<Intent>, string]>([
    ['with a wider limit', widen, 'TOOLS_PROFILE_MISMATCH'],
    ['with fewer effects', () => ({ effects: ['read-mount'] }), 'TOOLS_INTENT_MALFORMED'],
    [
      'with a mount that the actuator does not have',
      () => ({ mounts: [{ name: 'system', access: 'read' }] }),
      'TOOLS_INTENT_MALFORMED',
    ],
    ['with an environment', () => ({ environment: { A: '1' } }), 'TOOLS_INTENT_MALFORMED'],
    ['without its operand', () => ({ operands: [] }), 'TOOLS_INTENT_MALFORMED'],
    [
      'with an argument that nobody described',
      () => ({ arguments: { path: 'a.txt', also: 1 } }),
      'TOOLS_ARGUMENTS_INVALID',
    ],
    ['for an actuator that is not there', () => ({ actuator: 'other' }), 'TOOLS_ACTUATOR_UNKNOWN'],
    [
      'with another program',
      () => ({ program: { path: '/usr/bin/true', digest: 'a'.repeat(64) } }),
      'TOOLS_PROGRAM_CHANGED',
    ],
  ])('%s', async (_how, change, code) => {
    const intent = await world.intent();

    expect(await world.refusal(world.present({ ...intent, ...change(intent) }))).toBe(code);
  });

  test('when its bytes are not canonical', async () => {
    const presented = world.present(await world.intent());

    expect(await world.refusal({ ...presented, intent: ` ${presented.intent}` })).toBe(
      'TOOLS_INTENT_MALFORMED',
    );
  });

  test('when its program was changed after the decision', async () => {
    const presented = world.present(await world.intent());
    writeFileSync(join(world.config.programs, 'read_file.js'), 'another program');

    expect(await world.refusal(presented)).toBe('TOOLS_PROGRAM_CHANGED');
  });
});
