import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_UID } from '@physiclaw/machine';
import { startTimeOf } from '@physiclaw/platform';
import { expect, onTestFinished, test } from 'vitest';
import { Units } from '#services/identity/child/children.ts';

const top = / (\S+) \S+ - cgroup2 /.exec(
  readFileSync('/proc/self/mountinfo', 'utf8').replaceAll(/^\S+ \S+ \S+ \S+/gm, ''),
)?.[1];
const isRoot = process.getuid?.() === 0;

/** A process of this user in this control group, as systemd would start it. */
async function start(group: string, uid: number) {
  const child = spawn('/usr/bin/sleep', ['60'], { uid, stdio: 'ignore' });
  await once(child, 'spawn');
  const folders = group.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'));
  for (const folder of folders) mkdirSync(join(top ?? '', folder), { recursive: true });
  writeFileSync(join(top ?? '', group, 'cgroup.procs'), String(child.pid));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const folder of folders.toReversed()) tryToRemove(join(top ?? '', folder));
  });
  return child.pid ?? 0;
}

function tryToRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The machine has other groups in it.
  }
}

const audit = FIRST_UID;
const tools = FIRST_UID + 4;

test.skipIf(!isRoot || top === undefined).each([
  ['audit', 'system.slice/physiclaw-audit.service', audit],
  ['tools', 'system.slice/physiclaw-tools.service/daemon', tools],
])('%s is known by its unit and its user', async (service, group, uid) => {
  const pid = await start(group, uid);

  expect(new Units().find(pid)).toEqual({ service, pid, startTime: startTimeOf(pid) });
});

test.skipIf(!isRoot || top === undefined).each([
  ['another user in the unit', 'system.slice/physiclaw-audit.service', audit + 1],
  ['root in the unit', 'system.slice/physiclaw-audit.service', 0],
  ['the user in another unit', 'system.slice/physiclaw-policy.service', audit],
  ['a run in a sandbox', 'system.slice/physiclaw-tools.service/run-1', tools],
  ['a unit that is no service of ours', 'system.slice/physiclaw-screen.service', audit],
  ['a unit of the same name elsewhere', 'user.slice/physiclaw-audit.service', audit],
  ['a longer path', 'system.slice/physiclaw-audit.service/system.slice', audit],
])('%s is nobody', async (_what, group, uid) => {
  const pid = await start(group, uid);

  expect(new Units().find(pid)).toBeUndefined();
});

test('a process that ended is nobody', async () => {
  const child = spawn('/usr/bin/true');
  await once(child, 'exit');

  expect(new Units().find(child.pid ?? 0)).toBeUndefined();
});
