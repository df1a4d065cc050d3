import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SpiffeId } from '@physiclaw/contracts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Records } from '#services/identity/log/records.ts';
import { type House, makeHouse } from '../house.ts';
import { LogDouble } from '../log-double.ts';

const svid = (serial: string) =>
  ({
    kind: 'svid',
    workload: SpiffeId.parse('spiffe://test.internal/agent'),
    serial,
    notAfter: '2026-11-21T12:00:00.000Z',
  }) as const;
const never = new AbortController().signal;
const serials = ({ events }: LogDouble) =>
  events.map((event) => (event.kind === 'svid' ? event.serial : event.kind));

function open(house: House, audit: LogDouble): Records {
  const records = new Records(house.config.state, audit.tell, house.log);
  onTestFinished(() => records[Symbol.asyncDispose]());
  return records;
}

async function makeRecords(failure?: string) {
  const house = await makeHouse();
  const audit = new LogDouble();
  audit.failure = failure;
  return { house, audit, records: open(house, audit) };
}

describe('append', () => {
  test('resolves when the log has the event', async () => {
    const { audit, records } = await makeRecords();
    await records.append(svid('1'));

    expect(audit.events).toEqual([svid('1')]);
  });

  test('rejects when it has not, and nothing is owed', async () => {
    const { records } = await makeRecords('AUDIT_DISK_FULL');

    await expect(records.append(svid('1'))).rejects.toMatchObject({ code: 'AUDIT_DISK_FULL' });
    expect(records.owed).toBe(0);
  });
});

describe('appendOrOwe', () => {
  test('tells the log at once where it answers', async () => {
    const { audit, records } = await makeRecords();
    await records.appendOrOwe(svid('1'));

    expect(audit.events).toEqual([svid('1')]);
    expect(records.owed).toBe(0);
  });

  test('keeps the event on the disk, with its time, where the log does not answer', async () => {
    const { house, records } = await makeRecords('PEER_UNREACHABLE');
    await records.appendOrOwe(svid('1'));
    const line = readFileSync(join(house.config.state, 'journal'), 'utf8');

    expect(records.owed).toBe(1);
    expect(JSON.parse(line)).toEqual({
      event: { ...svid('1'), journaled: expect.stringMatching(/^\d{4}-.+Z$/) },
      once: [],
    });
  });

  test('puts nothing before what is owed already', async () => {
    const { audit, records } = await makeRecords('PEER_UNREACHABLE');
    await records.appendOrOwe(svid('1'));
    audit.failure = undefined;
    await records.appendOrOwe(svid('2'));
    await records.settled(never);

    expect(serials(audit)).toEqual(['1', '2']);
  });
});

test('what is owed becomes the next entries as soon as the log answers', async () => {
  const { audit, records } = await makeRecords('PEER_UNREACHABLE');
  records.owe({ ...svid('1'), journaled: '2026-11-21T11:00:00.000Z' });
  records.owe({ ...svid('2'), journaled: '2026-11-21T11:00:00.000Z' });
  audit.failure = undefined;
  await records.settled(never);

  expect(serials(audit)).toEqual(['1', '2']);
  expect(records.owed).toBe(0);
});

test('what is owed is owed after a restart', async () => {
  const { house, audit, records } = await makeRecords('PEER_UNREACHABLE');
  records.owe(svid('1'));
  await records[Symbol.asyncDispose]();
  audit.failure = undefined;
  await open(house, audit).settled(never);

  expect(serials(audit)).toEqual(['1']);
});

test('what the log was told before is owed no more', async () => {
  const { audit, records } = await makeRecords();
  records.owe(svid('1'), 'genesis');
  await records.settled(never);
  records.owe(svid('1'), 'genesis');
  await records.settled(never);

  expect(serials(audit)).toEqual(['1']);
});

test('whoever waits for the log can stop waiting', async () => {
  const { records } = await makeRecords('PEER_UNREACHABLE');
  records.owe(svid('1'));
  const stop = new AbortController();
  const settled = records.settled(stop.signal);
  stop.abort(new Error('enough'));

  await expect(settled).rejects.toThrow('enough');
});

test('on a full disk the reserve takes what is owed, and an error says when that is full', async () => {
  const program = fileURLToPath(new URL('full-disk.ts', import.meta.url));
  const { stdout } = await promisify(execFile)('/usr/bin/unshare', [
    '-Urm',
    process.execPath,
    program,
  ]);

  expect(JSON.parse(stdout)).toEqual({
    full: 'ENOSPC',
    owed: true,
    refusal: 'IDENTITY_JOURNAL_UNWRITABLE',
    acknowledged: true,
    afterRoom: true,
  });
});
