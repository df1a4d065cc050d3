import { afterEach, beforeEach, expect, test } from 'vitest';
import { newSigner, openWorld, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

test('a receipt whose entry was changed is refused', async () => {
  const { receipt, ...rest } = world.present(await world.intent(), {
    decision: { verdict: 'deny' },
  });
  const entry = receipt.entry.replace('"verdict":"deny"', '"verdict":"allow"');

  expect(await world.refusal({ ...rest, receipt: { ...receipt, entry } })).toBe(
    'TOOLS_RECEIPT_INVALID',
  );
});

test('a receipt whose proof is for another place is refused', async () => {
  const { receipt, ...rest } = world.present(await world.intent());

  expect(await world.refusal({ ...rest, receipt: { ...receipt, index: receipt.index - 1 } })).toBe(
    'TOOLS_RECEIPT_INVALID',
  );
});

test('a receipt that another key signed is refused', async () => {
  const log = world.log.fork();
  Object.assign(log, { signer: newSigner() });

  expect(await world.refusal(world.present(await world.intent(), { log }))).toBe(
    'TOOLS_RECEIPT_INVALID',
  );
});

test("a receipt of a fork that the log's own key signed is refused", async () => {
  const presented = world.present(await world.intent(), { log: world.log.fork() });

  expect(await world.refusal(presented)).toBe('TOOLS_LOG_FORKED');
});

test('a receipt of a fork is refused when the true log has grown past it', async () => {
  const presented = world.present(await world.intent(), { log: world.log.fork() });
  await world.act(world.present(await world.intent()));

  expect(await world.refusal(presented)).toBe('TOOLS_LOG_FORKED');
});

test.each(['agent', 'tools', 'policy/x'])(
  'a decision that %s reported is refused',
  async (reporter) => {
    const presented = world.present(await world.intent(), { reporter });

    expect(await world.refusal(presented)).toBe('TOOLS_REPORTER_FOREIGN');
  },
);

test('an entry that is no decision is refused', async () => {
  const presented = world.present(await world.intent());
  const [session] = world.log.events('session');
  if (session === undefined) throw new Error('no session began');
  const receipt = world.log.append('policy', session);

  expect(await world.refusal({ ...presented, receipt })).toBe('TOOLS_KIND_WRONG');
});

test.each(['ask', 'deny'] as const)('a decision to %s is refused', async (verdict) => {
  const presented = world.present(await world.intent(), { decision: { verdict } });

  expect(await world.refusal(presented)).toBe('TOOLS_NOT_ALLOWED');
});
