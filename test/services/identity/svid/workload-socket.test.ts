import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { SvidUpdate } from '@physiclaw/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { type Child, Children } from '#services/identity/child/children.ts';
import { Holders } from '#services/identity/child/holders.ts';
import { Records } from '#services/identity/log/records.ts';
import { Svids } from '#services/identity/svid/svids.ts';
import { WorkloadSocket } from '#services/identity/svid/workload-socket.ts';
import { makeHouse, trustDomain } from '../house.ts';
import { LogDouble } from '../log-double.ts';
import { selfAs, Workload } from '../workload.ts';

/** The workload socket with all that is behind it, and a pipe to tell it who is who. */
async function open({ svidSeconds = 3600 } = {}) {
  const { authority, config, log, lines } = await makeHouse({ svidSeconds });
  const audit = new LogDouble();
  const records = new Records(config.state, audit.tell, log);
  const holders = new Holders(join(config.state, 'holders.json'), log);
  const svids = new Svids({ authority, records, holders, trustDomain, svidSeconds, log });
  const children = new Children();
  const pipe = new PassThrough();
  const path = join(config.run, 'workload.sock');
  const workloads = new WorkloadSocket({ path, children, svids, log });
  const tables = new EventEmitter();
  const told = children.follow(pipe, () => {
    workloads.endStrangers();
    tables.emit('table');
  });
  await workloads.listen();
  onTestFinished(async () => {
    pipe.end();
    await told;
    await workloads[Symbol.asyncDispose]();
    await records[Symbol.asyncDispose]();
  });
  const tell = async (...table: Child[]) => {
    const heard = once(tables, 'table');
    pipe.write(`${JSON.stringify({ children: table })}\n`);
    await heard;
  };
  return { path, audit, lines, svids, tell };
}

function knock(path: string): Socket {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  return socket;
}
const firstLine = async (socket: Socket): Promise<unknown> => {
  const [chunk]: unknown[] = await once(socket, 'data');
  return JSON.parse(String(chunk));
};
const refusal = (pid: number | string) => ({
  error: {
    code: 'IDENTITY_CALLER_UNKNOWN',
    message: expect.stringContaining(`got process ${pid}`),
  },
});

test('a child gets its SVID at once, and each renewal after it', async () => {
  const { path, audit, tell } = await open({ svidSeconds: 2 });
  const workload = new Workload();
  await tell(workload.as('policy'), selfAs('audit'));
  workload.connect(path);
  const [one, two] = [await workload.hear(), await workload.hear()].map((line) =>
    SvidUpdate.parse(line),
  );

  expect(one?.id).toBe('spiffe://test.internal/policy');
  expect(two?.key).not.toBe(one?.key);
  expect(audit.events).toHaveLength(2);
});

test('anybody may knock', async () => {
  const { path } = await open();

  expect(statSync(path).mode & 0o777).toBe(0o666);
});

test('an unknown caller is told so in one line, and gets nothing more', async () => {
  const { path, audit, lines, tell } = await open();
  const workload = new Workload();
  const { pid } = workload.as('agent');
  await tell(selfAs('audit'));
  workload.connect(path);

  expect(await workload.hear()).toEqual(refusal(pid));
  expect(await workload.hear()).toBe('the end');
  expect(audit.events).toEqual([]);
  expect(lines).toMatchObject([{ msg: 'unknown caller', pid }]);
});

test('a caller with the pid of a child and another start time is unknown', async () => {
  const { path, tell } = await open();
  const workload = new Workload();
  const child = workload.as('policy');
  await tell({ ...child, startTime: String(Number(child.startTime) - 1) });
  workload.connect(path);

  expect(await workload.hear()).toEqual(refusal(child.pid));
});

test('a process that a child started is not the child', async () => {
  const { path, tell } = await open();
  await tell(selfAs('policy'));
  const workload = new Workload().connect(path);

  expect(await workload.hear()).toMatchObject({ error: { code: 'IDENTITY_CALLER_UNKNOWN' } });
});

test('a child that left the table gets nothing more', async () => {
  const { path, audit, svids, tell } = await open();
  const workload = new Workload();
  await tell(workload.as('policy'), selfAs('audit'));
  workload.connect(path);
  await workload.hear();
  await tell(selfAs('audit'));
  svids.reissue();

  expect(await workload.hear()).toBe('the end');
  expect(audit.events).toHaveLength(1);
});

test('a child that left the table while the log was written gets nothing', async () => {
  const { path, audit, tell } = await open();
  const workload = new Workload();
  await tell(workload.as('policy'));
  audit.failure = 'PEER_UNREACHABLE';
  workload.connect(path);
  await expect.poll(() => audit.failures).toBeGreaterThan(0);
  await tell();
  audit.failure = undefined;

  expect(await workload.hear()).toBe('the end');
});

test('whoever has the connection of a child that ended gets nothing more', async () => {
  const { path, svids, tell } = await open();
  const workload = Workload.bequeathing();
  await tell(workload.as('policy'));
  workload.connect(path);
  const [heir] = [await workload.hear()];
  await workload.end();
  svids.reissue();
  const heard = [await workload.hear(), await workload.hear()];

  expect(heir).toBe(true);
  // The first SVID came while the child lived; which of the two processes read it is chance.
  expect(heard).toContain('the end');
});

test('a second connection of a process ends the first, and costs no entry', async () => {
  const { path, audit, tell } = await open();
  await tell(selfAs('tools'));
  const first = knock(path);
  const one = await firstLine(first);
  const second = knock(path);

  expect(await firstLine(second)).toEqual(one);
  await once(first, 'close');
  expect(second.destroyed).toBe(false);
  expect(audit.events).toHaveLength(1);
});

test('a caller that talks is cut off', async () => {
  const { path, tell } = await open();
  await tell(selfAs('tools'));
  const socket = knock(path);
  await firstLine(socket);
  socket.on('error', () => undefined).write('give me more');

  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

test('a caller whom the kernel cannot name here is unknown', async () => {
  const { path } = await open();
  const inner = `${path}.inner`;
  const program = fileURLToPath(new URL('inner-space.ts', import.meta.url));
  const child = spawn('/usr/bin/unshare', ['-Urpf', process.execPath, program, inner]);
  await once(child.stdout, 'data');
  const heard = await text(knock(inner));
  child.stdin.write('\n');
  await once(child, 'exit');

  expect(JSON.parse(heard)).toEqual(refusal('unnamed'));
});
