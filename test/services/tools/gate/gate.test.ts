import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorld, REQUEST, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

test('what policy allowed and the session invokes runs, and its outcome is in the log', async () => {
  const receipt = await world.act(world.present(await world.intent()));

  expect(world.driver.runs).toHaveLength(1);
  expect(JSON.parse(receipt.entry).unmapped.event).toMatchObject({ kind: 'outcome', status: 'ok' });
});

describe('a capability counts for nothing', () => {
  test('when it was used before', async () => {
    const presented = world.present(await world.intent());
    await world.act(presented);

    expect(await world.refusal(presented)).toBe('TOOLS_CAPABILITY_SPENT');
  });

  test('the second time: presented a hundred times at once it runs once', async () => {
    const presented = world.present(await world.intent());
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => world.act(presented)),
    );

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(world.driver.runs).toHaveLength(1);
  });

  test('after a restart of the gate', async () => {
    const presented = world.present(await world.intent());
    await world.start();

    expect(await world.refusal(presented)).toBe('TOOLS_EPOCH_PAST');
  });
});

test('an approval is used once, also under a second capability', async () => {
  const intent = await world.intent({ actuator: 'exec', arguments: { argv: ['true'] } });
  const decision = { request: REQUEST, statements: [world.approve(intent)], enrolments: [0] };
  const [first, second] = [1, 2].map(() => world.present(intent, { decision }));
  await world.act(first!);

  expect(await world.refusal(second!)).toBe('TOOLS_CAPABILITY_SPENT');
});

const ended = (why: string) => ({ code: 'TOOLS_LEASE_ENDED', message: `nothing acts ${why}` });

describe('nothing starts', () => {
  test('while the kill file lies there', async () => {
    const presented = world.present(await world.intent());
    writeFileSync(world.config.killFile, '');

    await expect(world.act(presented)).rejects.toMatchObject(
      ended('while the kill file lies there: physiclaw resume'),
    );
    expect(world.driver.runs).toEqual([]);
  });

  test('without a lease', async () => {
    world.leased = false;
    await world.start();

    await expect(world.act(world.present(await world.intent()))).rejects.toMatchObject(
      ended('unless policy renews the lease: look at physiclaw status'),
    );
    expect(world.driver.runs).toEqual([]);
  });

  test('where no sandbox can be made', async () => {
    const presented = world.present(await world.intent());
    world.driver.missing = 'no user name spaces';

    expect(await world.refusal(presented)).toBe('TOOLS_SANDBOX_MISSING');
  });

  test.each(['PEER_UNREACHABLE', 'PEER_SILENT'])('while the log is %s', async (code) => {
    const presented = world.present(await world.intent());
    world.log.failures.push({ kind: 'started', code });

    expect(await world.refusal(presented)).toBe(code);
  });

  test('while the disk of the log is full', async () => {
    const presented = world.present(await world.intent());
    world.log.failures.push({ kind: 'started', code: 'AUDIT_DISK_FULL' });

    expect(await world.refusal(presented)).toBe('TOOLS_DISK_FULL');
  });
});

test('a refusal is an entry that names the check', async () => {
  const presented = world.present(await world.intent(), { decision: { verdict: 'deny' } });
  await world.refusal(presented);

  await expect
    .poll(() => world.log.events('refusal'))
    .toMatchObject([{ check: 'TOOLS_NOT_ALLOWED', session: expect.any(String), count: 1 }]);
});
