import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@physiclaw/platform';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDriver } from '#appliance/sandbox/open.ts';
import { node, openRig } from './rig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a machine on which no sandbox can be made', () => {
  test('is told by trying, and the driver opens all the same', async () => {
    await using rig = await openRig({ node: '/no/such/node' });

    expect(rig.missing).toBe('the supervisor ended without a word');
  });

  test('is told in the words of the program that failed', async () => {
    const supervisor = join(folder, 'supervisor.js');
    const report = { status: 'failed', reason: 'sandbox', bytes: 0, complaint: 'bwrap: no\nmore' };
    writeFileSync(supervisor, `console.log('${JSON.stringify(report).replace('\\', '\\\\')}')`);
    await using driver = await openDriver({
      scratch: join(folder, 'scratch'),
      node,
      supervisor,
      killFile: join(folder, 'kill'),
      masked: [],
      log: createLogger('tools', 'silent'),
    });

    expect(driver.missing).toBe('bwrap: no');
  });

  test('is this one not', async () => {
    await using rig = await openRig();

    expect(rig.missing).toBeUndefined();
  });
});

test('while the kill file lies there not even a first sandbox is made', async () => {
  const killFile = join(folder, 'kill');
  writeFileSync(killFile, '');
  await using rig = await openRig({ killFile });

  expect(rig.missing).toBeUndefined();
  expect(await rig.run('console.log(1)')).toMatchObject({ status: 'killed', reason: 'kill' });
});

describe('control groups', () => {
  test('that cannot be made leave limits on each process', async () => {
    await using rig = await openRig({ cgroup: { version: 2, path: '/no/such/group' } });

    expect(rig.limiter).toBe('rlimits');
  });

  test('that lack a controller do too', async () => {
    await using rig = await openRig({ cgroup: { version: 2, path: folder } });

    expect(rig.limiter).toBe('rlimits');
  });

  test('of runs whose supervisor was killed are removed', async () => {
    mkdirSync(join(folder, 'run-17'));
    const rig = await openRig({ cgroup: { version: 2, path: folder } });
    await rig[Symbol.asyncDispose]();

    expect(existsSync(join(folder, 'run-17'))).toBe(false);
  });
});
