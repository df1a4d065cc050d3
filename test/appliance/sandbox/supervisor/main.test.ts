import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootClock } from '#appliance/sandbox/supervisor/halt.ts';
import type { Order, Report } from '#appliance/sandbox/supervisor/order.ts';
import { built } from '../../../services/tools/built.ts';
import { bearers, marked, until } from '../marked.ts';

let folder: string;
let supervisor: ChildProcess & { stdin: NodeJS.WritableStream };
let said: Promise<Buffer>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
  const program = join(folder, 'supervisor.mjs');
  writeFileSync(program, await built('appliance/sandbox/supervisor/main.ts'));
  const child = spawn(process.execPath, [program], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  supervisor = child;
  said = buffer(child.stdout);
});
afterEach(() => {
  supervisor.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const ahead = (seconds: number) => ({ ...bootClock(), seconds: bootClock().seconds + seconds });
const tell = (message: object) => void supervisor.stdin.write(`${JSON.stringify(message)}\n`);

function order(command: string[], more: Partial<Order> = {}): Order {
  const shown = ['/usr', '/bin', '/lib', '/lib64'].flatMap((path) => ['--ro-bind', path, path]);
  return {
    options: [
      '--unshare-all',
      '--as-pid-1',
      '--die-with-parent',
      '--proc',
      '/proc',
      '--tmpfs',
      '/tmp',
      ...shown,
    ],
    command,
    request: '',
    limits: { cpuSeconds: 9, memoryBytes: 1e9, processes: 99, outputBytes: 999, wallSeconds: 9 },
    cgroups: [],
    killFile: join(folder, 'kill'),
    until: ahead(60),
    ...more,
  };
}

async function report(): Promise<{ report: Report; output: string }> {
  const [line = '', ...rest] = (await said).toString().split('\n');
  return { report: JSON.parse(line), output: rest.join('\n') };
}

test('makes its one run, tells how it ended, and is gone', async () => {
  tell(order(['/bin/echo', 'hello']));

  expect(await report()).toMatchObject({ report: { status: 'ok', bytes: 6 }, output: 'hello\n' });
  expect(supervisor.exitCode ?? (await once(supervisor, 'exit'))[0]).toBe(0);
});

test('takes one order only', async () => {
  tell(order(['/bin/sleep', '0.3']));
  tell(order(['/bin/echo', 'a second one']));

  expect(await report()).toMatchObject({ report: { reason: 'no-reply' }, output: '' });
});

test('holds the deadline that it was told last', async () => {
  tell(order(['/bin/sleep', '5'], { until: ahead(60) }));
  tell({ until: ahead(0.2) });

  expect(await report()).toMatchObject({ report: { status: 'killed', reason: 'lease' } });
});

test('ends its run when whoever ordered it is gone', async () => {
  const mark = marked();
  tell(order(['/bin/sleep', mark]));
  await until(() => bearers(mark) > 0);
  supervisor.stdin.end();

  expect(await report()).toMatchObject({ report: { status: 'killed', reason: 'lease' } });
  expect(bearers(mark)).toBe(0);
});

test('is gone when nobody orders anything', async () => {
  supervisor.stdin.end();

  expect((await once(supervisor, 'exit'))[0]).toBe(0);
});
