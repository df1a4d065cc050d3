import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootClock } from '#appliance/sandbox/supervisor/halt.ts';
import type { Order } from '#appliance/sandbox/supervisor/order.ts';
import { supervise } from '#appliance/sandbox/supervisor/supervise.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervise-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS =
  '--unshare-all --as-pid-1 --die-with-parent --proc /proc --tmpfs /tmp --ro-bind /usr /usr --ro-bind /bin /bin ' +
  '--ro-bind /lib /lib --ro-bind /lib64 /lib64 --dev-bind /dev/zero /dev/zero';

function run(shell: string, wish: Partial<Order> = {}, leaseSeconds = 60) {
  const order: Order = {
    options: OPTIONS.split(' '),
    command: ['/bin/sh', '-c', shell],
    request: 'please',
    limits: {
      cpuSeconds: 5,
      memoryBytes: 1024 ** 3,
      processes: 100,
      outputBytes: 1000,
      wallSeconds: 5,
    },
    cgroups: [],
    killFile: join(folder, 'kill'),
    ...wish,
  };
  const { boot, seconds } = bootClock();
  return supervise(order, { until: { boot, seconds: seconds + leaseSeconds } });
}

test('hands over the request, and hands back the answer', async () => {
  const { report, output } = await run('read word; echo "$word!"');

  expect(output.toString()).toBe('please!\n');
  expect(report).toMatchObject({ status: 'ok', exit: 0, bytes: 8, truncated: false });
});

test('keeps of standard error only what explains a failure', async () => {
  const { report, output } = await run(`echo ${'no '.repeat(300)} >&2; exit 4`);

  expect(report).toMatchObject({ status: 'failed', reason: 'exit', exit: 4 });
  expect(report.complaint).toHaveLength(400);
  expect(output).toHaveLength(0);
});

test('reports a signal as one', async () => {
  const { report } = await run('sh -c "kill -SEGV \\$\\$"');

  expect(report).toMatchObject({ status: 'failed', reason: 'signal', exit: 139 });
});

test('ends a run at its limit of output, and keeps what is below it', async () => {
  const { report, output } = await run('cat /dev/zero');

  expect(report).toMatchObject({ status: 'limit', reason: 'output', bytes: 1000, truncated: true });
  expect(output).toHaveLength(1000);
});

test('counts standard error as well', async () => {
  expect((await run('cat /dev/zero >&2')).report).toMatchObject({ reason: 'output' });
});

test('starts nothing under the kill file', async () => {
  writeFileSync(join(folder, 'kill'), '');

  expect((await run('echo ran')).report).toMatchObject({
    status: 'killed',
    reason: 'kill',
    bytes: 0,
  });
});

test('starts nothing without a lease', async () => {
  expect((await run('echo ran', {}, -1)).report).toMatchObject({ reason: 'lease', bytes: 0 });
});

test('a program that makes no sandbox has failed before anything ran', async () => {
  expect((await run('echo ran', { options: ['--no-such-option'] })).report).toMatchObject({
    status: 'failed',
    reason: 'sandbox',
    complaint: expect.stringContaining('--no-such-option'),
  });
});

test('what cannot be counted is not started', async () => {
  const options = [...OPTIONS.split(' '), '--bind', folder, '/out'];
  const running = run('touch /out/ran', { cgroups: [folder], options });
  // In the place of a kernel that refuses to move it into the group.
  mkdirSync(join(folder, `run-${process.pid}`, 'cgroup.procs'));

  await expect(running).rejects.toThrow('ENOTEMPTY');
  expect(existsSync(join(folder, 'ran'))).toBe(false);
});

test('in a group of its own it does start', async () => {
  const group = join(folder, `run-${process.pid}`);
  const options = [...OPTIONS.split(' '), '--bind', folder, '/out'];
  const running = run(`touch /out/ran; : > /out/run-${process.pid}/cgroup.procs; echo`, {
    cgroups: [folder],
    options,
  });

  await expect(running).rejects.toThrow('ENOTEMPTY');
  expect(readFileSync(join(group, 'cgroup.procs'), 'utf8')).toBe('');
  expect(existsSync(join(folder, 'ran'))).toBe(true);
});
