import type { Intent, SignedApproval } from '@physiclaw/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { type Changes, newSigner, openWorld, POLICY, REQUEST, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const EXEC = { actuator: 'exec', arguments: { argv: ['true'] } };
const OTHER_REQUEST = `r-${'2'.repeat(32)}`;
const FAR = '9999-01-01T00:00:00.000Z';

function present(intent: Intent, statements: SignedApproval[], more: Changes['decision'] = {}) {
  const enrolments = statements.map(() => 0);
  const decision = { request: REQUEST, statements, enrolments, ...more };
  return world.present(intent, { decision });
}

test('signatures let through what the floor asks one for', async () => {
  const intent = await world.intent(EXEC);
  await world.act(present(intent, [world.approve(intent)]));

  expect(world.driver.runs).toHaveLength(1);
});

test('signatures are missing: the floor stands whatever policy allowed', async () => {
  const intent = await world.intent(EXEC);

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_FLOOR_UNMET');
});

const invalid = (fields: string) => ({
  code: 'TOOLS_STATEMENT_INVALID',
  message: `expected an approval of just this, now, by a key that may; wrong: ${fields}; have it approved again`,
});

test.each<[string, Partial<SignedApproval['statement']>]>([
  ['denies', { verdict: 'deny' }],
  ['is on another request', { request: OTHER_REQUEST }],
  ['is on another intent', { intent: POLICY }],
  ['was asked for by another policy', { policy: 'd'.repeat(64) }],
  ['is past its time', { notAfter: '2020-01-01T00:00:00.000Z' }],
  ['was shown another log', { log: { origin: 'other', size: 1 } }],
  ['was shown a log that is not there yet', { log: { origin: 'test.internal/log', size: 1e6 } }],
])('signatures do not count when a statement %s, and the no says so', async (_how, changes) => {
  const intent = await world.intent(EXEC);
  const presented = present(intent, [world.approve(intent, changes)]);

  await expect(world.act(presented)).rejects.toMatchObject(invalid(String(Object.keys(changes))));
  expect(world.driver.runs).toEqual([]);
});

test('a no to signatures names all that differs, of all of them', async () => {
  const intent = await world.intent(EXEC);
  const unknown = world.approve(intent, { verdict: 'deny' }, newSigner());
  const statements = [world.approve(intent, { intent: POLICY }), unknown];

  await expect(world.act(present(intent, statements))).rejects.toMatchObject(
    invalid('intent, verdict, key'),
  );
});

test('signatures do not count when a field was changed after signing', async () => {
  const intent = await world.intent(EXEC);
  const { signature, statement } = world.approve(intent);
  const relabelled = { signature, statement: { ...statement, notAfter: FAR } };

  await expect(world.act(present(intent, [relabelled]))).rejects.toMatchObject(
    invalid('signature'),
  );
});

test('signatures do not count when nobody enrolled the key', async () => {
  const intent = await world.intent(EXEC);
  const statement = world.approve(intent, {}, newSigner());

  await expect(world.act(present(intent, [statement]))).rejects.toMatchObject(invalid('key'));
});

test('signatures do not count for a decision without a request', async () => {
  const intent = await world.intent(EXEC);
  const presented = present(intent, [world.approve(intent)], { request: OTHER_REQUEST });

  expect(await world.refusal(presented)).toBe('TOOLS_STATEMENT_INVALID');
});

test('signatures count once, also under a new capability', async () => {
  const intent = await world.intent(EXEC);
  const statements = [world.approve(intent)];
  await world.act(present(intent, statements));

  expect(await world.refusal(present(intent, statements))).toBe('TOOLS_CAPABILITY_SPENT');
});

test('signatures of who asked do not count where two are enrolled; those of the other do', async () => {
  const bob = new Passkey();
  world.enrolFurther(bob, 'bob');
  const intent = await world.intent(EXEC);
  const own = world.approve(intent);
  const his = bob.sign({ ...own.statement, key: bob.did });

  await expect(world.act(present(intent, [own]))).rejects.toMatchObject(invalid('key'));
  await world.act(present(intent, [his]));
  expect(world.driver.runs).toHaveLength(1);
});
