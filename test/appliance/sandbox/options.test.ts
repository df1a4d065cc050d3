import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openRig, type Rig, text, type Wish } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const PRELUDE = `
  import fs from 'node:fs';
  import os from 'node:os';
  import { spawnSync } from 'node:child_process';
  const codeOf = (act) => { try { act(); return 'done'; } catch (error) { return error.code; } };
`;

/** What a JavaScript expression is worth in a sandbox. */
async function inside(expression: string, wish: Wish = {}): Promise<unknown> {
  const ended = await rig.run(`${PRELUDE} console.log(JSON.stringify(${expression}))`, wish);
  return JSON.parse(text(ended));
}

/** The same expression, here. */
function outside(expression: string): unknown {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module'], {
    input: `${PRELUDE} console.log(JSON.stringify(${expression}))`,
  });
  return JSON.parse(stdout.toString());
}

const shown = (name: string, path: string, access: 'read' | 'write' = 'read') => ({
  mounts: [{ name, path, access }],
});

/** Arguments of Perl that connect to an address, and say which error there was. */
const dial = (family: string, address: string) => [
  '-MSocket',
  '-e',
  `socket(my $s, ${family}, SOCK_STREAM, 0) && connect($s, ${address}) or print $! + 0`,
];
const dialFile = (path: string) => dial('AF_UNIX', `pack_sockaddr_un("${path}")`);
const write = (path: string) => `codeOf(() => fs.writeFileSync('${path}', 'x'))`;
const read = (path: string) => `codeOf(() => fs.readFileSync('${path}'))`;
const spy = (
  proc: string,
) => `['environ', 'root/etc', 'cwd/', 'fd/0', 'maps'].map((name) => codeOf(() => {
    const path = '${proc}/${process.pid}/' + name;
    return fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.openSync(path);
  }))`;

describe('who it is', () => {
  test('has no name, no host and no environment but what the intent names', async () => {
    const identity = '[process.getuid(), os.hostname(), process.env]';

    expect(await inside(identity, { environment: { LANG: 'C.UTF-8' } })).toEqual([
      1000,
      'sandbox',
      { LANG: 'C.UTF-8', PWD: '/workspace' },
    ]);
    expect(hostname()).not.toBe('sandbox');
    expect(Object.keys(process.env).length).toBeGreaterThan(2);
  });

  test('has no capability and can get none, and is under a filter', async () => {
    const status = z.string().parse(await inside(`fs.readFileSync('/proc/self/status', 'utf8')`));
    const capabilities = [...status.matchAll(/^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s+(\w+)$/gm)];

    expect(new Set(capabilities.map(([, bits]) => Number.parseInt(bits ?? '', 16)))).toEqual(
      new Set([0]),
    );
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(readFileSync('/proc/self/status', 'utf8')).toMatch(/^Seccomp:\s+0$/m);
  });

  test('is in name spaces of its own, each of them', async () => {
    const spaces = ['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'];
    const names = `${JSON.stringify(spaces)}.map((name) => fs.readlinkSync('/proc/self/ns/' + name))`;
    const [theirs, ours] = [z.array(z.string()).parse(await inside(names)), outside(names)];

    expect(theirs).toHaveLength(spaces.length);
    for (const [index, name] of z.array(z.string()).parse(ours).entries()) {
      expect(theirs[index]).not.toBe(name);
    }
  });

  test('holds no descriptor but its three', async () => {
    const list = `spawnSync('/usr/bin/ls', ['/proc/self/fd']).stdout.toString().split('\\n')`;

    expect(await inside(list)).toEqual(['0', '1', '2', '3', '']);
  });
});

describe('the network', () => {
  test('consists of a loopback of its own', async () => {
    const devices = `fs.readFileSync('/proc/net/dev', 'utf8').match(/\\w+(?=:)/g)`;

    expect(await inside(devices)).toEqual(['lo']);
    expect(networkInterfaces()).not.toEqual({});
  });

  test('does not lead to this machine', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => void server.once('listening', resolve));
    const address = z.object({ port: z.int() }).parse(server.address());
    const argv = dial('AF_INET', `pack_sockaddr_in(${address.port}, inet_aton("127.0.0.1"))`);

    expect(
      await inside(`spawnSync('/usr/bin/perl', ${JSON.stringify(argv)}).stdout.toString()`),
    ).toBe('1');
    expect(spawnSync('/usr/bin/perl', argv).stdout.toString()).toBe('');
    server.close();
  });

  test("does not lead to a daemon's socket that lies in a mount", async () => {
    const folder = join(rig.folder, 'daemon');
    mkdirSync(folder);
    const server = createServer((socket) => socket.end()).listen(join(folder, 'sock'));
    await new Promise((resolve) => void server.once('listening', resolve));
    const argv = JSON.stringify(dialFile('/mounts/daemon/sock'));

    expect(
      await inside(
        `spawnSync('/usr/bin/perl', ${argv}).stdout.toString()`,
        shown('daemon', folder),
      ),
    ).toBe('1');
    expect(spawnSync('/usr/bin/perl', dialFile(join(folder, 'sock'))).stdout.toString()).toBe('');
    server.close();
  });
});

describe('what it can write', () => {
  test.each(['/x', '/dev/x', '/usr/x', '/workspace/x', '/proc/sys/kernel/hostname'])(
    'not %s',
    async (path) => {
      expect(await inside(`codeOf(() => fs.writeFileSync('${path}', 'x'))`)).toMatch(
        /EROFS|EACCES/,
      );
    },
  );

  test('a workspace that the call may write, and its own /tmp', async () => {
    const writes = `['/workspace/made', '/tmp/made', '/dev/shm/made'].map((path) => codeOf(() => fs.writeFileSync(path, 'x')))`;

    expect(await inside(writes, { writable: true })).toEqual(['done', 'done', 'done']);
    expect(readFileSync(join(rig.workspace, 'made'), 'utf8')).toBe('x');
    rmSync(join(rig.workspace, 'made'));
  });

  test('not a folder of the host that it may read, and one that it may write', async () => {
    const folder = join(rig.folder, 'shown');
    mkdirSync(folder);
    const attempt = write('/mounts/shown/x');

    expect(await inside(attempt, shown('shown', folder))).toBe('EROFS');
    expect(await inside(attempt, shown('shown', folder, 'write'))).toBe('done');
    expect(statSync(join(folder, 'x')).size).toBe(1);
  });

  test('not what is mounted inside a folder that it may read', async () => {
    expect(await inside(write('/mounts/system/dev/shm/probe'), shown('system', '/'))).toBe('EROFS');
    expect(outside(write('/dev/shm/probe'))).toBe('done');
    rmSync('/dev/shm/probe');
  });

  test('not an operand, which is the blob that the intent names', async () => {
    const blob = join(rig.folder, 'blob');
    writeFileSync(blob, 'as decided');
    const operands = [{ path: blob, target: 'deep/name.txt' }];
    const file = '/operands/deep/name.txt';

    expect(
      await inside(
        `[fs.readFileSync('${file}', 'utf8'), codeOf(() => fs.writeFileSync('${file}', 'x'))]`,
        { operands },
      ),
    ).toEqual(['as decided', 'EROFS']);
  });

  test('no device: a mount of the host brings none', async () => {
    const wish = shown('system', '/');

    expect(await inside(read('/mounts/system/dev/null'), wish)).toBe('EACCES');
    expect(await inside(read('/dev/null'))).toBe('done');
  });

  test('every mount is without set-user-ID, and without devices but the five of /dev', async () => {
    const table = z
      .string()
      .parse(
        await inside(`fs.readFileSync('/proc/self/mountinfo', 'utf8')`, shown('system', '/usr')),
      );
    const options = table
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, , , , point = '', flags = '']) => ({ point, flags: flags.split(',') }));

    expect(options.filter(({ flags }) => !flags.includes('nosuid'))).toEqual([]);
    expect(
      options.filter(({ flags }) => !flags.includes('nodev')).map(({ point }) => point),
    ).toEqual(['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom']);
  });
});

describe('other processes', () => {
  test('are not in its /proc', async () => {
    const pids = `fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length`;

    expect(await inside(pids)).toBe(1);
    expect(outside(pids)).toBeGreaterThan(1);
  });

  test('show nothing but what everybody may know, even of the same user', async () => {
    const refused = await inside(spy('/mounts/processes'), shown('processes', '/proc'));

    expect(refused).toEqual(['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES']);
    expect(z.array(z.string()).parse(outside(spy('/proc')))).toContain('done');
    expect(
      await inside(
        `fs.readFileSync('/mounts/processes/${process.pid}/stat', 'utf8')`,
        shown('processes', '/proc'),
      ),
    ).toContain(`${process.pid} (`);
  });
});
