import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FIRST_UID, services } from '@physiclaw/machine';
import { type Places, placesOf, readState, stopStack } from '@physiclaw/stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SETPRIV } from '../../../appliance/stack/program.ts';
import { groupIds, ownUid } from '../../../appliance/stack/users.ts';
import { House } from './house.ts';

const LONG = `${'long'.repeat(25)}/${'path'.repeat(25)}`;
const PLAIN = [SETPRIV, '--reuid=4711', '--regid=4711', '--clear-groups'];
const names = ['audit', 'identity', 'policy', 'inference', 'tools'];
let house: House;
let places: Places;

describe.runIf(ownUid() === 0)('as root, below a folder that only root can enter', () => {
  beforeAll(async () => {
    await open();
    await house.up();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  test('services have users of their own', () => {
    expect(statSync(house.folder).mode & 0o777).toBe(0o700);
    expect(readState(house.home)).toMatchObject({ isolation: 'uid' });
  });

  test.each(names)('%s has a user of its own and no way to become another', (name) => {
    const { uid, gid, groups, capabilities, noNewPrivileges } = house.factsOf(name);
    const entry = services.find((service) => service.name === name);
    const own = FIRST_UID + (entry?.uidOffset ?? 0);
    const joined = name === 'tools' ? groupIds(['adm', 'systemd-journal']) : [];

    expect([uid, gid]).toEqual([own, own]);
    expect(new Set(groups)).toEqual(new Set([...joined, FIRST_UID - 1, own]));
    expect(capabilities).toBe('0000000000000000');
    expect(noNewPrivileges).toBe('1');
  });

  test('only those that need the network have one', () => {
    const all = readFileSync('/proc/net/dev', 'utf8').split('\n').length - 3;

    expect(house.factsOf('inference').interfaces).toHaveLength(all);
    for (const name of ['audit', 'identity', 'policy', 'tools']) {
      expect(house.factsOf(name).interfaces).toEqual(['lo']);
    }
  });

  test('all paths are short ones in the run folder', () => {
    const { node, program, config } = house.factsOf('tools');

    expect(house.home.length).toBeGreaterThan(200);
    expect(program).toBe(join(places.run, 'app/tools.js'));
    expect(node).toBe(join(places.run, 'node', basename(house.node)));
    expect(config).toMatchObject({
      run: places.run,
      state: join(places.run, 'home/state/tools'),
      exports: [{ name: 'reports', path: join(places.run, 'home/exports') }],
      isolation: 'uid',
    });
  });

  test('nothing of the environment but what a daemon needs', () => {
    expect(house.factsOf('audit').environment).toEqual([
      'CREDENTIALS_DIRECTORY',
      'LANG',
      'MALLOC_ARENA_MAX',
      'PATH',
    ]);
  });

  test('each has its own root secret and its own slice, and nobody else can read them', () => {
    expect(house.factsOf('audit').credentials).toEqual(['log-key']);
    expect(house.factsOf('identity').credentials).toEqual(['ca-key']);
    expect(house.factsOf('tools').credentials).toEqual([]);
    for (const path of ['config/audit.json', 'credentials/audit/log-key']) {
      const { uid, mode } = statSync(join(places.run, path));
      expect([uid, mode & 0o777]).toEqual([FIRST_UID, 0o400]);
    }
  });

  test('a service makes its socket where only services can', () => {
    expect(statSync(join(places.run, 'audit.sock')).uid).toBe(FIRST_UID);
    expect(statSync(places.run)).toMatchObject({ uid: 0, gid: FIRST_UID - 1 });
    expect(statSync(places.run).mode & 0o7777).toBe(0o1771);
  });

  test('what is shown to the services is seen by nobody else', () => {
    for (const name of ['app', 'home', 'node']) {
      expect(readdirSync(join(places.run, name))).toEqual([]);
    }
  });

  test('home and build are whole after the stack was stopped', async () => {
    await stopStack(house.home);

    expect(existsSync(join(places.anchors, 'log.vkey'))).toBe(true);
    expect(existsSync(join(house.dist, 'audit.js'))).toBe(true);
    expect(existsSync(places.run)).toBe(false);
  });
});

describe.runIf(ownUid() === 0)(
  'as root of a machine that shares its mounts, as systemd has it',
  () => {
    beforeEach(async () => {
      await open();
      mount('--bind', house.folder, house.folder);
      mount('--make-shared', house.folder);
    });

    afterEach(async () => {
      await stopStack(house.home);
      spawnSync('/usr/bin/umount', ['--recursive', house.folder]);
      await house[Symbol.asyncDispose]();
    });

    test('a disk that is mounted later is seen by the services too', async () => {
      await house.up();
      const later = join(house.folder, 'later');
      mkdirSync(later);
      mount('-t', 'tmpfs', 'later', later);

      const { pid } = house.factsOf('tools');
      expect(readFileSync(`/proc/${pid}/mounts`, 'utf8')).toContain(`later ${later} tmpfs`);
    });
  },
);

describe.runIf(ownUid() === 0)('as root of a container that may not mount', () => {
  beforeEach(open);
  afterEach(() => house[Symbol.asyncDispose]());
  const container = [SETPRIV, '--bounding-set=-sys_admin'];

  test('services have users of their own where the paths are open to all', () => {
    house.openToAll();
    const { state } = house.as(container);

    expect(state).toMatchObject({ isolation: 'uid' });
    expect(house.factsOf('audit')).toMatchObject({
      uid: FIRST_UID,
      program: join(house.dist, 'audit.js'),
    });
  });

  test('services share one user where they are not, and the state says why', () => {
    const { state } = house.as(container);

    expect(state).toMatchObject({
      isolation: 'none',
      isolationReason: `other users cannot reach ${house.home}, and this machine allows no mount`,
    });
    expect(house.factsOf('audit')).toMatchObject({ uid: 0, config: { isolation: 'none' } });
    expect(statSync(places.run).mode & 0o777).toBe(0o700);
  });

  test('services share one user where there is no other', () => {
    const { state } = house.as(['/usr/bin/unshare', '--user', '--map-root-user']);

    expect(state).toMatchObject({
      isolation: 'none',
      isolationReason: 'no process may become another user here',
    });
  });
});

describe.runIf(ownUid() === 0)('as a plain user', () => {
  beforeEach(open);
  afterEach(() => house[Symbol.asyncDispose]());

  test('services share that user, in a run folder of his', async () => {
    house.openToAll();
    const { state } = house.as(PLAIN);

    expect(state).toMatchObject({
      isolation: 'none',
      isolationReason: 'started by a plain user',
      cgroup: 'none',
    });
    const { uid, config, noNewPrivileges } = house.factsOf('policy');
    expect([uid, config.isolation, noNewPrivileges]).toEqual([4711, 'none', '1']);
    expect(config.run).toMatch(/^\/tmp\/physiclaw-4711-[0-9a-f]{8}$/);
    expect(statSync(config.run)).toMatchObject({ uid: 4711 });
    expect(statSync(config.run).mode & 0o777).toBe(0o700);
    await expect(stopStack(house.home)).rejects.toMatchObject({ code: 'STACK_STOP_REFUSED' });
    expect(house.as(PLAIN, 'stop')).toEqual({ stopped: true });
    expect(existsSync(config.run)).toBe(false);
  });

  test('a stack of somebody else can be seen, not stopped', async () => {
    house.openToAll();
    const { pid } = await house.up();

    expect(house.as(PLAIN, 'read')).toMatchObject({ state: { pid } });
    expect(house.as(PLAIN, 'stop')).toMatchObject({
      error: expect.stringContaining('belongs to another user; stop it as that user'),
    });
    expect(readState(house.home)).toMatchObject({ pid });
  });

  test('who typed sudo owns the stack, and learns how much memory it has', async () => {
    house.openToAll();
    process.env['SUDO_UID'] = '4711';
    await house.up();
    delete process.env['SUDO_UID'];
    const { memory } = house.as(PLAIN, 'read');

    expect(Number(memory)).toBeGreaterThan(50_000_000);
    expect(statSync(dirname(places.killFile))).toMatchObject({ uid: 4711 });
    expect(statSync(join(places.people, '4711'))).toMatchObject({ uid: 4711 });
  });

  test('a home of somebody else is refused', async () => {
    await house.up();
    await stopStack(house.home);
    house.openToAll();

    expect(house.as(PLAIN)).toMatchObject({
      error: expect.stringContaining('start as the user'),
    });
    expect(readState(house.home)).toBeUndefined();
  });
});

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('/usr/bin/mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

async function open(): Promise<void> {
  house = await House.open(LONG);
  places = placesOf(house.home);
}
