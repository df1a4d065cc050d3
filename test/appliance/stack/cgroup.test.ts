import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Cgroup,
  enterCgroup,
  foldersOf,
  makeCgroup,
  makeV2,
  removeCgroups,
} from '../../../appliance/stack/cgroup.ts';
import { ownUid } from '../../../appliance/stack/users.ts';

const name = `physiclaw-test-${process.pid}`;
const UID = 64_104;
const made: Cgroup[] = [];

afterEach(async () => {
  for (const cgroup of made.splice(0)) await removeCgroups(foldersOf(cgroup));
});

const v2 = ownUid() === 0 ? availableV2() : [];
const granted = ownUid() === 0 && keep(makeCgroup({ name, uid: UID })) !== undefined;

describe.runIf(granted)('where the machine grants control groups', () => {
  test('the service may make groups below its own, and removing takes all of them', async () => {
    const cgroup = make();
    const [folder = ''] = foldersOf(cgroup);
    mkdirSync(join(folder, 'run-1'));
    const run = spawn('sleep', ['60']);
    writeFileSync(join(folder, 'run-1/cgroup.procs'), String(run.pid));
    const ended = once(run, 'exit');

    expect(statSync(folder)).toMatchObject({ uid: UID });
    expect(statSync(join(folder, 'cgroup.procs'))).toMatchObject({ uid: UID });
    await removeCgroups(foldersOf(cgroup));
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(foldersOf(cgroup).filter((path) => existsSync(path))).toEqual([]);
  });

  test('a group that was left behind is taken over', () => {
    expect(make()).toEqual(make());
  });
});

describe.runIf(v2.length > 0)('version 2', () => {
  test('the daemon is put into a leaf, beside which it may start runs', async () => {
    const cgroup = keep(makeV2({ name, uid: UID }, v2));
    const daemon = spawn('sleep', ['60']);
    const ended = once(daemon, 'exit');
    if (cgroup) enterCgroup(cgroup, daemon.pid ?? 0);

    expect(readFileSync(`/proc/${daemon.pid}/cgroup`, 'utf8')).toContain(`0::/${name}/daemon\n`);
    const control = readFileSync(join(cgroup?.path ?? '', 'cgroup.subtree_control'), 'utf8');
    expect(control.trim().split(' ')).toEqual(v2);
    daemon.kill('SIGKILL');
    await ended;
  });

  test('it is not used where a controller is missing', () => {
    expect(makeV2({ name, uid: UID }, [...v2, 'no-such-controller'])).toBeUndefined();
  });
});

function make(): Cgroup {
  const cgroup = keep(makeCgroup({ name, uid: UID }));
  if (cgroup === undefined) throw new Error('expected the machine to grant a control group');
  return cgroup;
}

function keep<Made extends Cgroup | undefined>(cgroup: Made): Made {
  if (cgroup) made.push(cgroup);
  return cgroup;
}

/** What the hierarchy of version 2 has on this machine: maybe nothing that limits a run. */
function availableV2(): string[] {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'));
  if (mount === null) return [];
  const text = readFileSync(join(mount[1] ?? '', 'cgroup.controllers'), 'utf8').trim();
  return text === '' ? [] : text.split(' ').slice(0, 1);
}
