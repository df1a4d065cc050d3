import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ENDED } from '../fakes.ts';
import { openWorld, OTHER_SESSION, POLICY, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const WRITE = { actuator: 'write_file', arguments: { path: 'b.txt', text: 'b' } };

test('a tree that nobody knows is foreign', async () => {
  const intent = { ...(await world.intent()), tree: POLICY };

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_TREE_FOREIGN');
});

test('a session that did not begin in the log is unknown', async () => {
  const intent = { ...(await world.intent()), session: OTHER_SESSION };

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_SESSION_UNKNOWN');
});

test('a session that has a workspace and no start entry is unknown', async () => {
  await world.files.open(OTHER_SESSION, await world.send(OTHER_SESSION, { 'a.txt': 'alpha' }));
  const intent = await world.intent({ session: OTHER_SESSION });

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_SESSION_UNKNOWN');
});

test('a session whose start entry names a tree that was not opened here is refused', async () => {
  const [began] = world.log.events('session');
  if (began === undefined) throw new Error('no session began');
  await world.files.open(OTHER_SESSION, await world.send(OTHER_SESSION, { 'a.txt': 'alpha' }));
  world.log.append('policy', { ...began, session: OTHER_SESSION, tree: POLICY });
  const intent = await world.intent({ session: OTHER_SESSION });

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_TREE_FOREIGN');
});

test('a tree that is not the head any more is stale', async () => {
  const stale = world.present(await world.intent());
  world.driver.behave = (run) => {
    writeFileSync(join(run.workspace, 'b.txt'), 'b');
    return ENDED;
  };
  await world.act(world.present(await world.intent(WRITE)));

  expect(await world.refusal(stale)).toBe('TOOLS_TREE_STALE');
});

test('a tree of another session is foreign', async () => {
  const tree = await world.begin(OTHER_SESSION, { 'secret.txt': 'secret' });
  const intent = await world.intent();

  expect(await world.refusal(world.present({ ...intent, tree }))).toBe('TOOLS_TREE_FOREIGN');
});

test('a session that has a start entry and no workspace is unknown', async () => {
  const [began] = world.log.events('session');
  if (began !== undefined) world.log.append('policy', { ...began, session: OTHER_SESSION });
  const intent = { ...(await world.intent()), session: OTHER_SESSION };

  expect(await world.refusal(world.present(intent))).toBe('TOOLS_SESSION_UNKNOWN');
});
