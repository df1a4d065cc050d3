import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type ChildTable, identity, SpiffeId, SvidUpdate } from '@physiclaw/contracts';
import { followSvid, Peer } from '@physiclaw/platform';
import { digestOf, encodeBase64 } from '@physiclaw/proof';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createOwnKey } from '#appliance/cli/certificate/request.ts';
import { startIdentity } from '#services/identity/server.ts';
import { type House, makeHouse, trustDomain } from './house.ts';
import { LogDouble } from './log-double.ts';
import { selfAs, Workload } from './workload.ts';

afterEach(() => void vi.useRealTimers());

/** One run of the service, as a process would have it. */
async function run(house: House) {
  const pipe = new PassThrough();
  const waits: string[] = [];
  const service = await startIdentity(
    house.config,
    {
      log: house.log,
      signal: new AbortController().signal,
      credential: () => Buffer.from(house.caKey),
      optionalCredential: () => undefined,
      waiting: (what) => waits.push(what),
      ready: () => undefined,
    },
    pipe,
  );
  let ended: Promise<void> | undefined;
  const end = () => (ended ??= Promise.resolve(service[Symbol.asyncDispose]()));
  onTestFinished(end);
  const tell = (...children: ChildTable['children']) =>
    void pipe.write(`${JSON.stringify({ children })}\n`);
  const ready = service.listen();
  // Where a test ends it while it waits, that wait fails.
  ready.catch(() => undefined);
  await vi.waitFor(() => expect(waits).toEqual(['audit']));
  return { tell, waits, end, ready };
}

/** The log, served by this process, which gets its SVID like everybody else. */
async function serveLog({ config, log }: House) {
  const audit = new LogDouble();
  const svid = followSvid({ socket: join(config.run, 'workload.sock'), log });
  onTestFinished(() => svid[Symbol.asyncDispose]());
  const server = await audit.serve(join(config.run, 'audit.sock'), svid);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return audit;
}

const socketOf = ({ config }: House) => join(config.run, 'workload.sock');
const kinds = ({ events }: LogDouble) =>
  events.map((event) => (event.kind === 'svid' ? event.workload.replace(/^.*\//, '') : event.kind));

describe('the start of all', () => {
  test('the log begins with genesis, the SVID of identity and that of audit', async () => {
    const house = await makeHouse();
    const { tell, ready } = await run(house);
    const policy = new Workload();
    tell(policy.as('policy'), selfAs('audit'));
    policy.connect(socketOf(house));
    const audit = await serveLog(house);
    await ready;
    await policy.hear();

    expect(kinds(audit)).toEqual(['genesis', 'identity', 'audit', 'policy']);
    expect(audit.events.map((event) => 'journaled' in event)).toEqual([false, true, true, false]);
  });

  test('genesis says what the anchors are', async () => {
    const house = await makeHouse();
    const { tell, ready } = await run(house);
    tell(selfAs('audit'));
    const audit = await serveLog(house);
    await ready;
    const anchor = (file: string) => readFileSync(join(house.config.anchors, file), 'utf8');

    expect(audit.events[0]).toEqual({
      kind: 'genesis',
      trustDomain,
      logKey: anchor('log.vkey'),
      authority: anchor('authority.did'),
      trustBundle: digestOf(anchor('trust-bundle.pem')),
      keyProvider: 'file',
      isolation: 'none',
    });
  });

  test('is waited for: until the log has these, identity is not ready', async () => {
    const house = await makeHouse();
    const { tell, ready, waits } = await run(house);
    const early = await Promise.race([
      ready.then(() => 'ready'),
      new Promise((resolve) => setTimeout(() => resolve('waiting'), 200)),
    ]);
    tell(selfAs('audit'));
    await serveLog(house);
    await ready;

    expect([early, waits]).toEqual(['waiting', ['audit']]);
  });

  test('is told once: a second start adds its own SVID only', async () => {
    const house = await makeHouse();
    const first = await run(house);
    first.tell(selfAs('audit'));
    const audit = await serveLog(house);
    await first.ready;
    await first.end();
    const second = await run(house);
    second.tell(selfAs('audit'));
    await second.ready;

    expect(kinds(audit).slice(0, 4)).toEqual(['genesis', 'identity', 'audit', 'identity']);
  });
});

test('a CA key that is not the one of the anchors stops the start', async () => {
  const [house, other] = [await makeHouse(), await makeHouse()];

  await expect(run({ ...house, caKey: other.caKey })).rejects.toMatchObject({
    code: 'IDENTITY_KEY_FOREIGN',
  });
});

test('a line on the pipe that is no table is never taken for one', async () => {
  const { Children } = await import('#services/identity/child/children.ts');
  const children = new Children();
  const pipe = new PassThrough();
  const told = children.follow(pipe, () => undefined);
  pipe.end('{"children": "all"}\n');

  await expect(told).rejects.toThrow('children');
});

describe('status', () => {
  test('tells the gateway the bundle and the counts', async () => {
    const { house, answer } = await askStatus('gateway');

    expect(await answer).toEqual({ bundle: house.bundle, issued: 2, journaled: 0 });
  });

  test.each(['agent', 'audit'])('is refused to %s', async (service) => {
    await expect((await askStatus(service)).answer).rejects.toMatchObject({
      code: 'CALLER_REFUSED',
    });
  });
});

test('a step of the clock is recorded, and brings every workload a new SVID', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  const house = await makeHouse();
  const { tell, ready } = await run(house);
  const policy = new Workload();
  tell(policy.as('policy'), selfAs('audit'));
  const audit = await serveLog(house);
  await ready;
  policy.connect(socketOf(house));
  const before = SvidUpdate.parse(await policy.hear());
  vi.setSystemTime(Date.now() - 1_000_000);
  vi.advanceTimersByTime(1000);
  const after = SvidUpdate.parse(await policy.hear());

  expect(Date.parse(after.notAfter)).toBeLessThan(Date.parse(before.notAfter) - 990_000);
  await vi.waitFor(() => {
    expect(kinds(audit).slice(5).toSorted()).toEqual(['audit', 'identity', 'policy']);
  });
  expect(audit.events[4]).toEqual({ kind: 'clock', seconds: expect.closeTo(-1000, -1) });
  expect(house.lines.map(({ msg }) => msg)).toContain(
    'the clock was set: every SVID is issued anew',
  );
});

test('an SVID is renewed while the log is down, and the log hears of it later', async () => {
  const house = await makeHouse({ svidSeconds: 2 });
  const { tell, ready } = await run(house);
  const policy = new Workload();
  tell(policy.as('policy'), selfAs('audit'));
  const audit = await serveLog(house);
  await ready;
  policy.connect(socketOf(house));
  await policy.hear();
  audit.failure = 'AUDIT_DISK_FULL';
  const renewed = SvidUpdate.parse(await policy.hear());
  audit.failure = undefined;
  const isRenewal = (event: LogDouble['events'][number]) =>
    event.kind === 'svid' && event.workload === renewed.id && event.journaled !== undefined;

  await vi.waitFor(() => expect(audit.events.filter(isRenewal).length).toBeGreaterThan(0));
});

test('a service that left the table gets nothing more', async () => {
  const house = await makeHouse();
  const { tell, ready } = await run(house);
  const policy = new Workload();
  tell(policy.as('policy'), selfAs('audit'));
  await serveLog(house);
  await ready;
  policy.connect(socketOf(house));
  await policy.hear();
  tell(selfAs('audit'));

  expect(await policy.hear()).toBe('the end');
});

test('anchors that are missing stop the start', async () => {
  const house = await makeHouse();
  writeFileSync(join(house.config.state, 'unrelated'), '');

  await expect(
    run({ ...house, config: { ...house.config, anchors: house.config.state } }),
  ).rejects.toThrow('trust-bundle.pem');
});

test('a person gets a certificate once the log has it', async () => {
  const { audit, peer } = await openDoor();
  const { request } = await createOwnKey(2048);
  const person = SpiffeId.parse(`spiffe://${trustDomain}/user/p-1`);
  const asked = { person, request: encodeBase64(request) };
  const { notAfter } = await peer.ask(identity.calls.certify, asked);
  audit.failure = 'AUDIT_DISK_FULL';

  expect(audit.events.at(-1)).toMatchObject({ kind: 'certificate', person, notAfter });
  await expect(peer.ask(identity.calls.certify, asked)).rejects.toMatchObject({
    code: 'AUDIT_DISK_FULL',
  });
});

test.each([`spiffe://${trustDomain}/policy`, 'spiffe://other.internal/user/p-1'])(
  'nobody gets a certificate as %s',
  async (name) => {
    const { audit, peer } = await openDoor();
    const { request } = await createOwnKey(2048);
    const asked = { person: SpiffeId.parse(name), request: encodeBase64(request) };

    await expect(peer.ask(identity.calls.certify, asked)).rejects.toMatchObject({
      code: 'IDENTITY_PERSON_FOREIGN',
    });
    expect(kinds(audit)).not.toContain('certificate');
  },
);

async function askStatus(service: string) {
  const { house, peer } = await openDoor(service);
  return { house, answer: peer.ask(identity.calls.status, {}) };
}

async function openDoor(service = 'gateway') {
  const house = await makeHouse();
  const { tell, ready } = await run(house);
  tell(selfAs('audit'));
  const audit = await serveLog(house);
  await ready;
  const svid = await house.svidOf(service);
  const socket = join(house.config.run, 'identity.sock');
  const peer = new Peer(identity, { socket, svid, trustDomain });
  onTestFinished(() => peer[Symbol.dispose]());
  return { house, audit, peer };
}
