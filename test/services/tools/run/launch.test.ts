import { symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplianceError } from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ended, Run } from '#appliance/sandbox/driver.ts';
import { ENDED } from '../fakes.ts';
import { type Call, openWorld, REQUEST, SESSION, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const WRITE = { actuator: 'write_file', arguments: { path: 'b.txt', text: 'b' } };

/** Lets it happen honestly, approved by Ada, and answers with the outcome's event. */
async function outcomeOf(call: Call, behave: (run: Run) => Ended = () => ENDED) {
  world.driver.behave = behave;
  const intent = await world.intent(call);
  const statements = [world.approve(intent)];
  const decision = { request: REQUEST, statements, enrolments: [0] };
  const receipt = await world.act(world.present(intent, { decision }));
  return JSON.parse(receipt.entry).unmapped.event;
}

describe('a run', () => {
  test('sees the operand alone where it only reads one', async () => {
    expect(await lookInto({})).toEqual([]);
    expect(world.driver.runs[0]).toMatchObject({
      writable: false,
      operands: [{ path: world.files.path(digestOf('alpha')), target: 'a.txt' }],
    });
  });

  test('does not begin on an operand whose stored bytes were changed', async () => {
    const presented = world.present(await world.intent());
    writeFileSync(world.files.path(digestOf('alpha')), 'omega');

    expect(await world.refusal(presented)).toBe('TOOLS_BLOB_UNKNOWN');
  });

  test('sees nothing of the workspace where it reads the host', async () => {
    expect(await lookInto({ actuator: 'disk_usage', arguments: {} })).toEqual([]);
    expect(world.driver.runs[0]?.mounts).toEqual([
      { name: 'system', path: join(world.home, 'system'), access: 'read' },
    ]);
  });

  test('lacks a folder to read that the machine lacks', async () => {
    await rm(join(world.home, 'system'), { recursive: true });
    await outcomeOf({ actuator: 'disk_usage', arguments: {} });

    expect(world.driver.runs[0]?.mounts).toEqual([]);
  });

  test('gets its request in the shape of tools/call', async () => {
    await outcomeOf(WRITE);

    expect(JSON.parse(world.driver.runs[0]?.request ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'write_file', arguments: WRITE.arguments },
    });
  });
});

describe('an outcome', () => {
  test('names the reply, which the session can read', async () => {
    const { reply } = await outcomeOf({});

    expect(reply).toEqual({
      digest: digestOf(ENDED.output),
      bytes: ENDED.output.length,
      truncated: false,
    });
    expect(await world.files.read(SESSION, reply.digest)).toEqual(Buffer.from(ENDED.output));
  });

  test('names the next tree, which holds what the run wrote', async () => {
    const { tree } = await outcomeOf(WRITE, ({ workspace }) => {
      writeFileSync(join(workspace, 'b.txt'), 'b');
      return ENDED;
    });
    const entries = await world.files.tree(tree);

    expect(entries.map(({ path }) => path)).toEqual(['a.txt', 'b.txt']);
    expect(world.files.head(SESSION)).toBe(tree);
  });

  test('of a command that failed has its tree too', async () => {
    const exec = { actuator: 'exec', arguments: { argv: ['false'] } };
    const { status, exit, tree } = await outcomeOf(exec, ({ workspace }) => {
      writeFileSync(join(workspace, 'core'), '');
      return { ...ENDED, status: 'failed', reason: 'exit', exit: 1 };
    });

    expect({ status, exit }).toEqual({ status: 'failed', exit: 1 });
    expect(world.files.head(SESSION)).toBe(tree);
  });

  test.each(['limit', 'killed'] as const)(
    'of a run that ended by %s leaves the tree',
    async (status) => {
      const before = world.files.head(SESSION);
      const { tree } = await outcomeOf(WRITE, ({ workspace }) => {
        writeFileSync(join(workspace, 'half'), '');
        return { ...ENDED, status, reason: 'wall' };
      });

      expect(tree).toBe(before);
      expect(world.files.head(SESSION)).toBe(before);
    },
  );

  test('of a run that left too much is a limit, and leaves the tree', async () => {
    const { status, reason, tree } = await outcomeOf(WRITE, ({ workspace }) => {
      writeFileSync(join(workspace, 'big'), Buffer.alloc(65 * 1024 * 1024));
      return ENDED;
    });

    expect({ status, reason, tree }).toEqual({
      status: 'limit',
      reason: 'tree',
      tree: world.files.head(SESSION),
    });
  });

  test('says when something was left out of the tree', async () => {
    const { reason } = await outcomeOf(WRITE, ({ workspace }) => {
      writeFileSync(Buffer.concat([Buffer.from(`${workspace}/`), Buffer.of(0xff)]), '');
      return ENDED;
    });

    expect(reason).toBe('entries-skipped');
  });

  test('takes a link for what it is: no file outside enters the tree', async () => {
    writeFileSync(join(world.home, 'secret'), 'secret');
    const { tree } = await outcomeOf(WRITE, ({ workspace }) => {
      symlinkSync(join(world.home, 'secret'), join(workspace, 'b.txt'));
      return ENDED;
    });

    expect(await world.files.tree(tree)).toContainEqual({
      type: 'link',
      path: 'b.txt',
      target: join(world.home, 'secret'),
    });
    await expect(world.files.read(SESSION, digestOf('secret'))).rejects.toThrow('no bytes');
  });

  test('of a run that the driver lost is unknown', async () => {
    const outcome = await outcomeOf({}, () => {
      throw new Error('the supervisor is gone');
    });

    expect(outcome).toMatchObject({ status: 'unknown', reason: 'launch' });
  });

  test('that the disk has no room for is a failure that says so', async () => {
    const noRoom = new ApplianceError('DISK_FULL', 507, 'no room');
    vi.spyOn(world.files, 'keep').mockRejectedValue(noRoom);

    expect(await outcomeOf({})).toMatchObject({ status: 'failed', reason: 'disk-full' });
  });
});

async function lookInto(call: Call): Promise<string[]> {
  const { readdirSync } = await import('node:fs');
  let seen: string[] = [];
  await outcomeOf(call, ({ workspace }) => {
    seen = readdirSync(workspace);
    return ENDED;
  });
  return seen;
}
