import { readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../fakes.ts';
import { type Call, openWorld, SESSION, type World } from '../world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const refused = (code: string) => expect.objectContaining({ code });

test('an intent names the bytes of its operand, its program and its tree', async () => {
  const intent = await world.intent();

  expect(intent).toMatchObject({
    tree: world.files.head(SESSION),
    operands: [{ argument: 'path', path: 'a.txt', digest: digestOf('alpha'), size: 5 }],
    program: { digest: digestOf('// read_file') },
    environment: {},
    mounts: [],
    profile: { driver: 'bubblewrap', limiter: 'rlimits', limits: { ...limits, wallSeconds: 5 } },
  });
});

test('what is wanted decides an intent wholly, but for its salt', async () => {
  const [one, two] = [await world.intent(), await world.intent()];

  expect(one.salt).not.toBe(two.salt);
  expect(canonicalize({ ...one, salt: '' })).toBe(canonicalize({ ...two, salt: '' }));
});

test('a command means a program of the base, and the intent gives its digest', async () => {
  const { program } = await world.intent({ actuator: 'exec', arguments: { argv: ['true'] } });

  expect(program.path).toBe(realpathSync('/usr/bin/true'));
  expect(program.digest).toMatch(/^[0-9a-f]{64}$/);
});

test('an argument that names a folder of the host becomes a mount', async () => {
  const intent = await world.intent({
    actuator: 'export_file',
    arguments: { path: 'a.txt', folder: 'reports' },
  });

  expect(intent.mounts).toEqual([{ name: 'reports', access: 'write' }]);
});

const exec = (command: string) => ({ actuator: 'exec', arguments: { argv: [command] } });
const exported = (folder: string) => ({
  actuator: 'export_file',
  arguments: { path: 'a.txt', folder },
});
const write = (text: string) => ({ actuator: 'write_file', arguments: { path: 'b', text } });

describe('no intent is made', () => {
  test.each<[string, Call, string]>([
    ['for an actuator that is not there', { actuator: 'other' }, 'TOOLS_ACTUATOR_UNKNOWN'],
    ['with an argument of another type', { arguments: { path: 1 } }, 'TOOLS_ARGUMENTS_INVALID'],
    ['with one more argument', { arguments: { path: 'a.txt', x: 1 } }, 'TOOLS_ARGUMENTS_INVALID'],
    ['of a file that is not in the tree', { arguments: { path: 'b' } }, 'TOOLS_OPERAND_MISSING'],
    ['of a path outside', { arguments: { path: '/etc/passwd' } }, 'TOOLS_OPERAND_MISSING'],
    ['for a command that is not there', exec('no-such-command'), 'TOOLS_OPERAND_MISSING'],
    ['for a command outside the base', exec('/etc/passwd'), 'TOOLS_OPERAND_MISSING'],
    ['for a command by a relative path', exec('./a.txt'), 'TOOLS_OPERAND_MISSING'],
    ['without a command', exec(''), 'TOOLS_OPERAND_MISSING'],
    ['for a folder that nobody named', exported('home'), 'TOOLS_MOUNT_UNKNOWN'],
    ['to write where it may only read', exported('system'), 'TOOLS_MOUNT_UNKNOWN'],
    [
      'in a session that nobody opened',
      { session: `s-${'9'.repeat(32)}` },
      'TOOLS_SESSION_UNKNOWN',
    ],
  ])('%s', async (_what, call, code) => {
    await expect(world.intent(call)).rejects.toThrow(refused(code));
  });

  test('of more characters than the gate takes: the no says how many', async () => {
    const room = 262_144 - canonicalize(await world.intent(write(''))).length;
    const message =
      'write_file: expected arguments that make an intent of at most 262144 characters, got 262145: shorten them';

    await expect(world.intent(write('x'.repeat(room)))).resolves.toBeDefined();
    await expect(world.intent(write('x'.repeat(room + 1)))).rejects.toMatchObject({
      code: 'TOOLS_ARGUMENTS_INVALID',
      message,
    });
  });

  test('of a link: it is data, whatever it points at', async () => {
    const session = `s-${'3'.repeat(32)}`;
    await world.files.open(session, [{ type: 'link', path: 'a.txt', target: '/etc/passwd' }]);

    await expect(world.intent({ session })).rejects.toThrow(refused('TOOLS_OPERAND_MISSING'));
  });

  test('for a command that a link in the base leads out of it', async () => {
    const out = join(world.home, 'program');
    writeFileSync(out, '', { mode: 0o755 });
    symlinkSync(out, join(world.home, 'command'));
    expect(readlinkSync(join(world.home, 'command'))).toBe(out);

    await expect(world.intent(exec(join(world.home, 'command')))).rejects.toThrow(
      refused('TOOLS_OPERAND_MISSING'),
    );
  });
});
