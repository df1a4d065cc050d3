import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Presented } from '#services/tools/gate/gate.ts';
import { TestLog } from '../log.ts';
import { ENDED } from '../fakes.ts';
import { capabilityIn, openWorld, OTHER_SESSION, SESSION, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const WRITE = { actuator: 'write_file', arguments: { path: 'b.txt', text: 'b' } };

test('an act is started in the log before it runs, and ends there', async () => {
  let kinds: string[] = [];
  world.driver.behave = () => {
    kinds = world.log.entries.map((text) => JSON.parse(text).unmapped.event.kind);
    return ENDED;
  };
  await world.act(world.present(await world.intent()));

  expect(kinds.slice(-2)).toEqual(['decision', 'started']);
  expect(world.log.events('outcome')).toHaveLength(1);
});

test('nothing of a run is left in the scratch folder', async () => {
  await world.act(world.present(await world.intent()));

  expect(readdirSync(join(world.config.state, 'scratch'))).toEqual([]);
});

test('acts of one session go one after the other, and no tree is lost', async () => {
  world.driver.behave = ({ workspace }) => {
    writeFileSync(join(workspace, `file-${world.driver.runs.length}`), '');
    return ENDED;
  };
  const both = [await world.intent(WRITE), await world.intent(WRITE)];
  const answers = await Promise.allSettled(both.map((one) => world.act(world.present(one))));

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(world.driver.runs).toHaveLength(1);
});

test('a started entry that proves something else starts nothing', async () => {
  const presented = world.present(await world.intent());
  const [session] = world.log.events('session');
  world.log.instead = session;

  expect(await world.refusal(presented)).toBe('TOOLS_RECEIPT_INVALID');
});

test('an outcome is told until the log takes it', async () => {
  world.log.failures.push(
    { kind: 'outcome', code: 'PEER_UNREACHABLE' },
    { kind: 'outcome', code: 'AUDIT_DISK_FULL' },
  );
  const receipt = await world.act(world.present(await world.intent()));

  expect(JSON.parse(receipt.entry).unmapped.event.status).toBe('ok');
  expect(world.log.events('outcome')).toHaveLength(1);
});

test('an outcome whose answer was lost is in the log once', async () => {
  world.log.failures.push({ kind: 'outcome', code: 'PEER_SILENT', after: true });
  const receipt = await world.act(world.present(await world.intent()));

  expect(world.log.events('outcome')).toHaveLength(1);
  expect(JSON.parse(receipt.entry).unmapped.event.kind).toBe('outcome');
});

const outcome = (presented: Presented, session = SESSION) =>
  world.parts.acts.outcome(session, capabilityIn(presented));

describe('what became of an act', () => {
  test('that never came is never-started', async () => {
    expect(await outcome(world.present(await world.intent()))).toEqual({ state: 'never-started' });
  });

  test('that was refused is never-started', async () => {
    const presented = world.present(await world.intent(), { decision: { verdict: 'deny' } });
    await world.act(presented).catch(() => undefined);

    expect(await outcome(presented)).toEqual({ state: 'never-started' });
  });

  test('that runs is running', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof ENDED>();
    world.driver.behave = () => promise;
    const presented = world.present(await world.intent());
    const acted = world.act(presented);
    await expect.poll(() => world.driver.runs.length).toBe(1);

    expect(await outcome(presented)).toEqual({ state: 'running' });
    expect(world.parts.acts.running).toBe(1);
    resolve(ENDED);
    await acted;
  });

  test('that ended is its outcome', async () => {
    const presented = world.present(await world.intent());
    const { index } = await world.act(presented);

    expect(await outcome(presented)).toMatchObject({ state: 'ended', receipt: { index } });
  });

  test('of another session is not told', async () => {
    const presented = world.present(await world.intent());
    await world.act(presented);

    expect(await outcome(presented, OTHER_SESSION)).toEqual({ state: 'never-started' });
  });

  test('whose start may or may not be in the log is unknown, and it is not run', async () => {
    world.log.failures.push({ kind: 'started', code: 'PEER_SILENT', after: true });
    const presented = world.present(await world.intent());
    await expect(world.act(presented)).rejects.toThrow('PEER_SILENT');
    const { state, receipt } = await outcome(presented);

    expect(state).toBe('ended');
    expect(JSON.parse(receipt?.entry ?? '').unmapped.event.status).toBe('unknown');
    expect(world.driver.runs).toEqual([]);
  });
});

describe('after a crash', () => {
  test('a run without an outcome is unknown, leaves the tree, and is not run again', async () => {
    const head = world.files.head(SESSION);
    const presented = world.present(await world.intent(WRITE));
    crash(presented);
    await world.start();
    await world.parts.acts.settleAll();

    expect(world.log.events('outcome')).toMatchObject([
      {
        status: 'unknown',
        capability: capabilityIn(presented),
        tree: head,
        actuator: 'write_file',
      },
    ]);
    expect(world.driver.runs).toEqual([]);
    expect(world.files.head(SESSION)).toBe(head);
  });

  test('the tree of an unknown outcome moves no head: nobody saw it', async () => {
    await world.act(world.present(await world.intent()));
    const head = world.files.head(SESSION);
    const [ended] = world.log.events('outcome');
    if (ended === undefined) throw new Error('no outcome');
    world.log.append('tools', { ...ended, status: 'unknown', tree: 'a'.repeat(64) });
    await world.parts.acts.settleAll();

    expect(world.files.head(SESSION)).toBe(head);
  });

  test('what ended before is not ended twice', async () => {
    await world.act(world.present(await world.intent()));
    await world.start();
    await world.parts.acts.settleAll();
    await world.parts.acts.settleAll();

    expect(world.log.events('outcome')).toHaveLength(1);
  });

  test('between an outcome and its tree the log says which tree is the head', async () => {
    world.driver.behave = ({ workspace }) => {
      writeFileSync(join(workspace, 'b.txt'), 'b');
      return ENDED;
    };
    await world.act(world.present(await world.intent(WRITE)));
    const [{ tree } = { tree: '' }] = world.log.events('outcome');
    const head = world.files.head(SESSION);
    await world.start();
    await world.parts.acts.settleAll();

    expect(head).toBe(tree);
    expect(world.files.head(SESSION)).toBe(tree);
  });
});

test('a log that is another one at the start stops the start', async () => {
  await world.act(world.present(await world.intent()));
  const other = new TestLog(world.log.signer, world.log.entries.slice(0, 1));
  world.log.entries.length = 0;
  world.log.entries.push(...other.entries);

  await expect(world.parts.acts.settleAll()).rejects.toThrow('another log');
});

function crash(presented: Presented): void {
  const { session, intent, capability } = JSON.parse(presented.receipt.entry).unmapped.event;
  const started = { kind: 'started' as const, session, intent, capability, driver: 'bubblewrap' };
  const event = { ...started, decision: presented.receipt.index };
  world.log.append('tools', event, [`cap:${capability}`]);
}
