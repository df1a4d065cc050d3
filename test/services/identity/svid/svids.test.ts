import { join } from 'node:path';
import type { SvidUpdate } from '@physiclaw/contracts';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Child, nameOf } from '#services/identity/child/children.ts';
import { Holders } from '#services/identity/child/holders.ts';
import { Records } from '#services/identity/log/records.ts';
import { Svids } from '#services/identity/svid/svids.ts';
import { type House, makeHouse, trustDomain } from '../house.ts';
import { LogDouble } from '../log-double.ts';

const process4711 = (service: string): Child => ({ service, pid: 4711, startTime: '12345' });
const agent = process4711('agent');
const nothingYet = async (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(() => 'something'),
    new Promise((resolve) => setTimeout(() => resolve('nothing'), 150)),
  ]);
afterEach(() => void vi.useRealTimers());

/** One run of identity, as far as SVIDs go. */
function run({ authority, config, log }: House, audit: LogDouble) {
  const records = new Records(config.state, audit.tell, log);
  const holders = new Holders(join(config.state, 'holders.json'), log);
  const { svidSeconds } = config;
  const svids = new Svids({ authority, records, holders, trustDomain, svidSeconds, log });
  const stop = new AbortController();
  const end = async () => {
    stop.abort(new Error('the test ends'));
    await records[Symbol.asyncDispose]();
  };
  onTestFinished(end);
  const follow = (child: Child) => svids.follow(child, stop.signal);
  const first = async (child: Child) => valueOf(await follow(child).next());
  return { svids, holders, records, end, follow, first };
}

async function start(options: { svidSeconds?: number; failure?: string } = {}) {
  const house = await makeHouse(options);
  const audit = new LogDouble();
  audit.failure = options.failure;
  return { house, audit, ...run(house, audit) };
}

function valueOf({ value }: IteratorResult<SvidUpdate, void>): SvidUpdate {
  if (!value) throw new Error('the stream has ended');
  return value;
}

describe('no log, no SVID', () => {
  test('an SVID is in the log before it is handed out', async () => {
    const { audit, first } = await start();
    const update = await first(agent);

    expect(audit.events).toMatchObject([
      { kind: 'svid', workload: update.id, notAfter: update.notAfter },
    ]);
    expect(audit.events[0]).not.toHaveProperty('journaled');
  });

  test('while the log is down a workload waits, and gets one that is fresh', async () => {
    const { audit, first } = await start({ failure: 'PEER_UNREACHABLE' });
    const waiting = first(agent);
    const [before] = [await nothingYet(waiting)];
    const up = Date.now();
    audit.failure = undefined;
    const { renewAt } = await waiting;

    expect(before).toBe('nothing');
    expect(Date.parse(renewAt)).toBeGreaterThan(up + 1_798_000);
    expect(audit.events).toHaveLength(1);
  });

  test('nobody gets one while the log is owed an entry', async () => {
    const { audit, records, first } = await start({ failure: 'PEER_UNREACHABLE' });
    await records.appendOrOwe({
      kind: 'svid',
      workload: (await first(process4711('identity'))).id,
      serial: 'owed',
      notAfter: '2026-11-21T12:00:00.000Z',
    });
    const waiting = first(agent);
    const [before] = [await nothingYet(waiting)];
    audit.failure = undefined;
    const { id } = await waiting;

    expect(before).toBe('nothing');
    expect(audit.events.map((event) => event.kind === 'svid' && event.workload)).toEqual([
      'spiffe://test.internal/identity',
      'spiffe://test.internal/identity',
      id,
    ]);
  });

  test.each(['identity', 'audit'])('only %s gets one before there is a log', async (service) => {
    const { audit, records, first } = await start({ failure: 'PEER_UNREACHABLE' });
    const { id } = await first(process4711(service));
    audit.failure = undefined;
    await records.settled(new AbortController().signal);

    expect(audit.events).toMatchObject([{ workload: id, journaled: expect.any(String) }]);
  });
});

describe('renewal', () => {
  test('comes at half of the lifetime, with a new key', async () => {
    const { audit, follow } = await start({ svidSeconds: 2 });
    const stream = follow(agent);
    const one = valueOf(await stream.next());
    const two = valueOf(await stream.next());

    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(one.renewAt));
    expect(two.key).not.toBe(one.key);
    expect(audit.events).toHaveLength(2);
  });

  test('goes on while the log is down, for a process that holds one', async () => {
    const { audit, records, svids, follow } = await start();
    const stream = follow(agent);
    const { key } = valueOf(await stream.next());
    audit.failure = 'AUDIT_DISK_FULL';
    svids.reissue();
    const renewed = valueOf(await stream.next());
    audit.failure = undefined;
    await records.settled(new AbortController().signal);

    expect(renewed.key).not.toBe(key);
    expect(audit.events).toMatchObject([
      { serial: expect.any(String) },
      { serial: expect.any(String), journaled: expect.any(String) },
    ]);
  });

  test('does not go on for one whose SVID has run out', async () => {
    const { audit, svids, holders, follow } = await start();
    const stream = follow(agent);
    await stream.next();
    await holders.remember(agent, 0);
    audit.failure = 'PEER_UNREACHABLE';
    svids.reissue();

    expect(await nothingYet(stream.next())).toBe('nothing');
  });

  test('does not go on for a process that was started again', async () => {
    const { audit, first } = await start();
    await first(agent);
    audit.failure = 'PEER_UNREACHABLE';

    expect(await nothingYet(first({ ...agent, startTime: '99999' }))).toBe('nothing');
  });

  test('goes on after a restart of identity for those, and only those, who hold one', async () => {
    const { house, audit, first, end } = await start();
    await first(agent);
    await end();
    audit.failure = 'PEER_UNREACHABLE';
    const second = run(house, audit);
    const update = await second.first(agent);

    expect(update.id).toBe('spiffe://test.internal/agent');
    expect(second.records.owed).toBe(1);
    expect(await nothingYet(second.first(process4711('policy')))).toBe('nothing');
  });
});

describe('the same process', () => {
  test('gets the same SVID again, and no entry', async () => {
    const { audit, svids, first } = await start();
    const [one, two] = [await first(agent), await first(agent)];

    expect(two).toEqual(one);
    expect(audit.events).toHaveLength(1);
    expect(svids.issued).toBe(1);
  });

  test.each([{ pid: 4712 }, { startTime: '99999' }, { service: 'policy' }])(
    'is not this one: %o',
    async (other) => {
      const { first } = await start();
      const [one, two] = [await first(agent), await first({ ...agent, ...other })];

      expect(nameOf({ ...agent, ...other })).not.toBe(nameOf(agent));
      expect(two.key).not.toBe(one.key);
    },
  );
});

test('after a step of the clock every stream brings a new SVID at once', async () => {
  const { svids, follow } = await start();
  const streams = [follow(agent), follow(process4711('policy'))];
  const before = await Promise.all(streams.map(async (stream) => valueOf(await stream.next())));
  const waiting = streams.map((stream) => stream.next());
  vi.setSystemTime(Date.now() - 86_400_000);
  svids.reissue();
  const after = (await Promise.all(waiting)).map(valueOf);

  expect(after.map(({ key }) => key)).not.toEqual(before.map(({ key }) => key));
  for (const { notAfter } of after) {
    expect(Date.parse(notAfter)).toBeLessThanOrEqual(Date.now() + 3_600_000);
  }
});

test('a stream ends with its signal, also while it waits for the log', async () => {
  const { svids } = await start({ failure: 'PEER_UNREACHABLE' });
  const stop = new AbortController();
  const next = svids.follow(agent, stop.signal).next();
  stop.abort(new Error('gone'));

  expect(await next).toEqual({ done: true, value: undefined });
});
