import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Api,
  audit,
  type Receipt,
  type ReceiverSettings,
  siem,
  SvidUpdate,
} from '@physiclaw/contracts';
import { SiemConfig } from '@physiclaw/machine';
import { createLogger, fixedSvid, Peer, Server } from '@physiclaw/platform';
import { expect, onTestFinished, test } from 'vitest';
import { startSiem } from '#services/siem/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import type { TestLog } from '../tools/log.ts';
import { choose, receiverAt } from './choice/choose.ts';
import { logOf, turn } from './entries.ts';
import { authority as outside, listen } from './receiver/double.ts';

const trustDomain = 'test.internal';
const authority = await createAuthority(trustDomain);
const log = createLogger('siem', 'silent');
const soon = { timeout: 5000 };

/** The service on real sockets, beside a log, with something that listens where it sends. */
async function startHouse(testLog: Pick<TestLog, 'peer' | 'vkey'>, destination?: string) {
  const home = mkdtempSync(join(tmpdir(), 'siem-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const folder = (name: string) => {
    mkdirSync(join(home, name));
    return join(home, name);
  };
  const [run, state, anchors] = [folder('run'), folder('state'), folder('anchors')];
  writeFileSync(join(anchors, 'log.vkey'), `${testLog.vkey}\n`);
  await serveLog(run, testLog);
  await serveSvid(join(run, 'workload.sock'));
  const common = { trustDomain, run, state, anchors, isolation: 'none' };
  const fixed = destination !== undefined && { destination, ca: outside.ca };
  const config = SiemConfig.parse({ ...common, ...fixed });
  const { signal } = new AbortController();
  const start = async () => {
    const started = startSiem(config, {
      log,
      signal,
      credential: () => Buffer.alloc(0),
      optionalCredential: () => undefined,
      waiting: () => undefined,
      ready: () => undefined,
    });
    await started.listen();
    return started;
  };
  let service = await start();
  onTestFinished(() => service[Symbol.asyncDispose]());
  const svid = fixedSvid(await authority.issue('gateway'));
  const peer = new Peer(siem, { socket: join(run, 'siem.sock'), svid, trustDomain });
  onTestFinished(() => peer[Symbol.dispose]());
  return {
    restart: async () => {
      await service[Symbol.asyncDispose]();
      service = await start();
    },
    status: () => peer.ask(siem.calls.status, {}),
    check: (receiver: ReceiverSettings) => peer.ask(siem.calls.checkReceiver, { receiver }),
    setReceiver: (receipt: Receipt) => peer.ask(siem.calls.setReceiver, { receipt }),
  };
}

async function serveLog(run: string, { peer }: Pick<TestLog, 'peer'>): Promise<void> {
  const svid = fixedSvid(await authority.issue('audit'));
  const server = new Server(audit, { socket: join(run, 'audit.sock'), svid, log, trustDomain });
  const { calls }: Api = audit;
  for (const call of Object.values(calls)) {
    server.answer(call, (question) => peer.ask(call, question));
  }
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.listen();
}

async function serveSvid(path: string): Promise<void> {
  const { cert, key, ca } = await authority.issue('siem');
  const soonOver = new Date(Date.now() + 3_600_000).toISOString();
  const id = `spiffe://${trustDomain}/siem`;
  const update = { id, cert, key, bundle: ca, notAfter: soonOver, renewAt: soonOver };
  const line = `${JSON.stringify(SvidUpdate.parse(update))}\n`;
  const server = createServer((socket) => void socket.on('error', () => undefined).write(line));
  server.listen(path);
  onTestFinished(() => void server.close());
}

test('the log leaves, and its status says how far', async () => {
  let text = '';
  const port = await listen((socket) => socket.on('data', (bytes) => (text += String(bytes))));
  const destination = `tls://localhost:${port}`;
  const { status } = await startHouse(logOf(5), destination);
  await expect.poll(async () => (await status()).sent, soon).toBe(4);

  expect(await status()).toEqual({
    destination,
    isFixed: true,
    state: 'connected',
    sent: 4,
    lag: 0,
  });
  expect(text.match(/ index="[0-9]+"/g)).toHaveLength(5);
});

test('without a receiver the whole log waits, and the status says why', async () => {
  const destination = 'relp://localhost:1';
  const { status } = await startHouse(logOf(5), destination);
  await expect.poll(async () => (await status()).state, soon).toBe('waiting');

  expect(await status()).toMatchObject({
    destination,
    lag: 5,
    problem: { code: 'SIEM_RECEIVER_UNREACHABLE' },
  });
});

test('where the log does not answer, the status says that its lag is an old one', async () => {
  const port = await listen((socket) => socket.resume());
  const testLog = logOf(5);
  let isSilent = false;
  const peer: TestLog['peer'] = {
    ask: (call, question) =>
      isSilent ? Promise.reject(new Error('no')) : testLog.peer.ask(call, question),
  };
  const { status } = await startHouse({ vkey: testLog.vkey, peer }, `tls://localhost:${port}`);
  await expect.poll(async () => (await status()).sent, soon).toBe(4);
  isSilent = true;

  expect(await status()).toMatchObject({ lag: 0, problem: { code: 'INTERNAL' } });
});

test('without a destination the log stays, until a person names one, and then another', async () => {
  const [first, second] = [await hear(), await hear()];
  const testLog = logOf(5);
  const { status, setReceiver } = await startHouse(testLog);
  await expect.poll(async () => (await status()).lag, soon).toBe(5);
  expect(await status()).toEqual({ isFixed: false, state: 'none', lag: 5 });

  await setReceiver(choose(testLog, receiverAt(first.destination)));
  await expect.poll(first.indices, soon).toEqual([0, 1, 2, 3, 4, 5]);
  await setReceiver(choose(testLog, receiverAt(second.destination)));
  await expect.poll(second.indices, soon).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(await status()).toMatchObject({ destination: second.destination, isFixed: false });
  expect(first.indices()).toEqual([0, 1, 2, 3, 4, 5]);

  await setReceiver(choose(testLog, undefined));
  expect(await status()).toEqual({ isFixed: false, state: 'none', lag: 8 });
});

test('what was chosen holds after a restart', async () => {
  const receiver = await hear();
  const testLog = logOf(2);
  const { setReceiver, restart, status } = await startHouse(testLog);
  await setReceiver(choose(testLog, receiverAt(receiver.destination)));
  await expect.poll(receiver.indices, soon).toEqual([0, 1, 2]);
  testLog.append('agent', turn(9));
  await restart();

  // Over TLS what nobody is known to have read comes again.
  await expect.poll(receiver.indices, soon).toEqual([0, 1, 2, 0, 1, 2, 3]);
  expect((await status()).destination).toBe(receiver.destination);
});

test('a receiver that never answers is left at once for another', async () => {
  let heard = 0;
  const port = await listen((socket) => socket.on('data', (bytes) => (heard += bytes.length)));
  const [testLog, next] = [logOf(1), await hear()];
  const { setReceiver } = await startHouse(testLog);
  await setReceiver(choose(testLog, receiverAt(`relp://localhost:${port}`)));
  await expect.poll(() => heard, soon).toBeGreaterThan(0);
  await setReceiver(choose(testLog, receiverAt(next.destination)));

  await expect.poll(next.indices, soon).toEqual([0, 1, 2]);
});

test('two choices at once: the later entry holds', async () => {
  const [first, second] = [await hear(), await hear()];
  const testLog = logOf(1);
  const { setReceiver, status } = await startHouse(testLog);
  const receipts = [first, second].map(({ destination }) =>
    choose(testLog, receiverAt(destination)),
  );
  await Promise.allSettled(receipts.map((receipt) => setReceiver(receipt)));

  expect((await status()).destination).toBe(second.destination);
  await expect.poll(second.indices, soon).toEqual([0, 1, 2]);
});

test('what is no choice, or cannot be asked, changes nothing', async () => {
  const testLog = logOf(1);
  const { status, check, setReceiver } = await startHouse(testLog);
  const receiver = receiverAt('relp://localhost:1');
  const torn = receiver.ca.replace(/[A-Za-z0-9+/=]{9}\n/, '\n');

  await expect(check({ ...receiver, ca: torn })).rejects.toMatchObject({
    code: 'SIEM_RECEIVER_INVALID',
  });
  await expect(setReceiver(testLog.receipt(0))).rejects.toMatchObject({
    code: 'SIEM_RECEIPT_REFUSED',
  });
  expect(await check(receiver)).toEqual({});
  expect((await status()).state).toBe('none');
});

test('where the configuration names a receiver, no signature names another', async () => {
  const testLog = logOf(1);
  const destination = 'relp://localhost:1';
  const { status, check, setReceiver } = await startHouse(testLog, destination);
  const fixed = { code: 'SIEM_RECEIVER_FIXED' };

  await expect(check(receiverAt('relp://localhost:2'))).rejects.toMatchObject(fixed);
  const receipt = choose(testLog, receiverAt('relp://localhost:2'));
  await expect(setReceiver(receipt)).rejects.toMatchObject(fixed);
  expect((await status()).destination).toBe(destination);
});

/** Something that listens over TLS, and the indices that it heard. */
async function hear() {
  let text = '';
  const port = await listen((socket) => socket.on('data', (bytes) => (text += String(bytes))));
  const indices = () =>
    Array.from(text.matchAll(/ index="([0-9]+)"/g), ([, index]) => Number(index));
  return { destination: `tls://localhost:${port}`, indices };
}
