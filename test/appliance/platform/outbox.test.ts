import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplianceError, createLogger, isUsed, Outbox, type Told } from '@physiclaw/platform';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fillDisk, MEBIBYTE, smallDisk, temporaryFolder } from './small-disk.ts';

const told = (seconds: number, ...once: string[]): Told => ({
  event: { kind: 'clock', seconds },
  once,
});

/** A log that takes each key once, and fails with a code while it has one. */
class LogDouble {
  failure: string | undefined;
  readonly heard: number[] = [];
  readonly patience: (number | undefined)[] = [];
  tries = 0;
  readonly #used = new Set<string>();

  readonly tell = async ({ event, once }: Told, patienceMs?: number): Promise<void> => {
    this.tries += 1;
    await Promise.resolve();
    this.patience.push(patienceMs);
    if (this.failure) throw new ApplianceError(this.failure, 503, 'as the test demands');
    if (once.some((key) => this.#used.has(key))) {
      throw new ApplianceError('AUDIT_ALREADY_USED', 409, 'told before');
    }
    for (const key of once) this.#used.add(key);
    if (event.kind === 'clock') this.heard.push(event.seconds);
  };
}

function open(failure?: string, folder = temporaryFolder()) {
  const log = new LogDouble();
  log.failure = failure;
  const [stop, lines]: [AbortController, string[]] = [new AbortController(), []];
  let settled = 0;
  const outbox = new Outbox({
    path: join(folder, 'journal'),
    tell: log.tell,
    onSettled: () => (settled += 1),
    signal: stop.signal,
    log: createLogger('test', 'warn', { write: (line) => lines.push(JSON.parse(line).msg) }),
  });
  const close = async () => {
    if (stop.signal.aborted) return;
    stop.abort(new Error('stopped'));
    await outbox[Symbol.asyncDispose]();
  };
  onTestFinished(close);
  return { log, folder, outbox, lines, close, settled: () => settled };
}

describe('tell', () => {
  test('says yes once the log has it', async () => {
    const { log, outbox, lines } = open();

    expect(await outbox.tell(told(1), 1500)).toBe(true);
    expect(log.heard).toEqual([1]);
    expect(log.patience).toEqual([1500]);
    expect(lines).toEqual([]);
  });

  test('says no where the log gave no receipt, and owes nothing by itself', async () => {
    const { outbox, lines } = open('PEER_UNREACHABLE');

    expect(await outbox.tell(told(1))).toBe(false);
    expect(outbox.owed).toBe(0);
    expect(lines).toEqual(['journaled']);
  });

  test('does not go before what is owed', async () => {
    const { log, outbox } = open('PEER_UNREACHABLE');
    outbox.owe(told(1));
    log.failure = undefined;

    expect(await outbox.tell(told(2))).toBe(false);
    outbox.owe(told(2));
    await outbox.delivery;
    expect(log.heard).toEqual([1, 2]);
  });
});

describe('what is owed', () => {
  test('is told in order once the log answers', async () => {
    const { log, outbox, settled } = open('PEER_UNREACHABLE');
    for (const n of [1, 2, 3]) outbox.owe(told(n));
    expect(outbox.owed).toBe(3);
    log.failure = undefined;
    await expect.poll(() => settled()).toBe(1);

    expect(log.heard).toEqual([1, 2, 3]);
    expect(outbox.owed).toBe(0);
  });

  test('is owed after a restart, until delivery begins', async () => {
    const first = open('PEER_UNREACHABLE');
    first.outbox.owe(told(1));
    await first.close();
    const { log, outbox } = open(undefined, first.folder);
    expect(outbox.owed).toBe(1);
    outbox.deliver();
    await outbox.delivery;

    expect(log.heard).toEqual([1]);
  });

  test('is owed no more where the log was told before', async () => {
    const { log, outbox } = open();
    await outbox.tell(told(1, 'once'));
    outbox.owe(told(2, 'once'));
    await outbox.delivery;

    expect(log.heard).toEqual([1]);
    expect(outbox.owed).toBe(0);
  });

  test.runIf(process.geteuid?.() === 0)('is not owed where the disk has no room for it', () => {
    const folder = smallDisk(MEBIBYTE);
    const { outbox } = open('PEER_UNREACHABLE', folder);
    fillDisk(folder);

    expect(() => outbox.owe(told(1))).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(outbox.owed).toBe(0);
  });
});

test('a drain says why the oldest could not be told', async () => {
  const { log, outbox } = open('AUDIT_DISK_FULL');
  outbox.owe(told(1));

  await expect(outbox.drain()).rejects.toMatchObject({ code: 'AUDIT_DISK_FULL' });
  log.failure = undefined;
  await expect(outbox.drain()).resolves.toBeUndefined();
  expect(log.heard).toEqual([1]);
});

test('a new debt is tried at once, however long the last was in vain', async () => {
  const { log, outbox } = open('PEER_UNREACHABLE');
  outbox.owe(told(1));
  await sleep(400);
  const before = log.tries;
  log.failure = undefined;
  outbox.owe(told(2));
  expect(log.tries).toBe(before + 1);
  await outbox.delivery;

  expect(log.heard).toEqual([1, 2]);
});

test('what is to follow is tried again until it succeeds', async () => {
  const log = new LogDouble();
  const stop = new AbortController();
  let failures = 2;
  const outbox = new Outbox({
    path: join(temporaryFolder(), 'journal'),
    tell: log.tell,
    onSettled: () => {
      failures -= 1;
      if (failures >= 0) throw new Error('not yet');
    },
    signal: stop.signal,
    log: createLogger('test', 'silent'),
  });
  outbox.owe(told(1));
  await outbox.delivery;

  expect(failures).toBe(-1);
  expect(log.heard).toEqual([1]);
  stop.abort();
  await outbox[Symbol.asyncDispose]();
});

test('a stop ends delivery, and forgets nothing', async () => {
  const first = open('PEER_UNREACHABLE');
  first.outbox.owe(told(1));
  first.log.failure = undefined;
  await first.close();
  const { outbox } = open(undefined, first.folder);

  expect(outbox.owed + first.log.heard.length).toBe(1);
});

test.each([
  [new ApplianceError('AUDIT_ALREADY_USED', 409, 'told before'), true],
  [new ApplianceError('AUDIT_DISK_FULL', 507, 'full'), false],
  ['AUDIT_ALREADY_USED', false],
])('%s says that a key was used: %s', (error, used) => {
  expect(isUsed(error)).toBe(used);
});
