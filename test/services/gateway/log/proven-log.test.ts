import { audit } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import { openCheckpoint } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { ProvenLog } from '#services/gateway/log/proven-log.ts';
import { TestLog } from '#test/services/tools/log.ts';

const turn = (n: number) =>
  ({
    kind: 'turn',
    session: `s-${n.toString(16).padStart(32, '0')}`,
    turn: `t-${n.toString(16).padStart(32, '0')}`,
    verb: 'asked',
    planner: 'runbook',
  }) as const;

function logOf(entries: number, log = new TestLog()): TestLog {
  for (let n = 0; n < entries; n += 1) log.append('agent', turn(n));
  return log;
}

/** The log as it is read where a checkpoint of it was accepted; `lies` answer in its place. */
function read(log: TestLog, { size = log.entries.length, lies = {} }: Told = {}) {
  const ask: Peer['ask'] = async (call, question) => {
    const lie = lies[call.name];
    return lie ? call.reply.parse(lie(question)) : log.peer.ask(call, question);
  };
  const look = () => Promise.resolve(openCheckpoint(log.checkpoint(size), log.vkey));
  return new ProvenLog({ log: { ask }, vkey: log.vkey, look });
}

interface Told {
  /** Of the accepted checkpoint. */
  readonly size?: number;
  readonly lies?: Readonly<Record<string, (question: unknown) => unknown>>;
}

const forked = { code: 'AUDIT_LOG_FORKED' };

describe('a page', () => {
  test('of any place in a log of any size is proven, and handed on as it is', async () => {
    for (const size of [1, 2, 3, 5, 8, 13, 21]) {
      const log = logOf(size);
      for (let from = 0; from < size; from += 1) {
        const end = Math.min(size, from + 4);
        const page = { from, size, entries: log.entries.slice(from, end) };
        expect(await read(log).page(4, from)).toEqual(page);
      }
    }
  });

  test('without a place is the end of the log', async () => {
    const log = logOf(5);

    expect(await read(log).page(2)).toEqual({ from: 3, size: 5, entries: log.entries.slice(3) });
    expect(await read(log).page(9)).toMatchObject({ from: 0, size: 5 });
    expect(await read(log).page(2, 5)).toEqual({ from: 5, size: 5, entries: [] });
    expect(await read(logOf(0)).page(2)).toEqual({ from: 0, size: 0, entries: [] });
  });

  test('ends with the accepted checkpoint, also where the log has grown since', async () => {
    const log = logOf(9);

    const page = { from: 4, size: 6, entries: log.entries.slice(4, 6) };
    expect(await read(log, { size: 6 }).page(4, 4)).toEqual(page);
  });

  test.each<[string, (entries: string[]) => string[]]>([
    ['a changed entry', ([first = '', ...rest]) => [first.replace('asked', 'failed'), ...rest]],
    ['an entry left out', ([, ...rest]) => rest],
    ['another order', (entries) => entries.toReversed()],
    ['one entry too many in the middle', (entries) => [...entries.slice(0, 1), ...entries]],
    ['nothing', () => []],
  ])('with %s is refused', async (_what, change) => {
    const log = logOf(9);
    const entries = () => ({ size: 9, entries: change(log.entries.slice(3, 7)) });

    await expect(read(log, { lies: { entries } }).page(4, 3)).rejects.toMatchObject(forked);
  });

  test('of a fork with the same key is refused', async () => {
    const log = logOf(9);
    const fork = logOf(7, log.fork(2));
    const { calls } = audit;
    const lies = {
      entries: () => ({ size: 9, entries: fork.entries.slice(3, 7) }),
      receipt: (question: unknown) => fork.receipt(calls.receipt.request.parse(question).index),
    };

    await expect(read(log, { lies }).page(4, 3)).rejects.toMatchObject(forked);
  });
});

describe('a receipt', () => {
  test('is handed on as it is, in the accepted tree, before it and behind it', async () => {
    const log = logOf(9);

    for (const index of [0, 4, 8]) {
      expect(await read(log).receipt(index)).toEqual(log.receipt(index));
      expect(await read(log, { size: 5 }).receipt(index)).toEqual(log.receipt(index));
      const lies = { receipt: () => log.receipt(index, Math.max(index + 1, 6)) };
      expect((await read(log, { lies }).receipt(index)).index).toBe(index);
    }
  });

  test('of another entry is refused, although it holds', async () => {
    const log = logOf(9);
    const receipt = () => log.receipt(5);

    await expect(read(log, { lies: { receipt } }).receipt(4)).rejects.toMatchObject({
      ...forked,
      message: expect.stringContaining('entry 5 in place of 4'),
    });
  });

  test('of a fork with the same key is refused, although it holds', async () => {
    const log = logOf(9);
    const fork = logOf(7, log.fork(2));
    for (const size of [7, 9]) {
      const receipt = () => fork.receipt(4, size);

      await expect(read(log, { lies: { receipt } }).receipt(4)).rejects.toMatchObject(forked);
    }
  });

  test('whose proof does not hold is refused', async () => {
    const log = logOf(9);
    const receipt = () => ({ ...log.receipt(4), proof: log.receipt(3).proof });

    await expect(read(log, { lies: { receipt } }).receipt(4)).rejects.toMatchObject(forked);
  });

  test('of a tree that the log no longer has is refused', async () => {
    const log = logOf(9);
    const larger = logOf(3, log.fork());
    const receipt = () => larger.receipt(4);

    await expect(read(log, { lies: { receipt } }).receipt(4)).rejects.toMatchObject(forked);
  });

  test('of an entry that is not there is no fork', async () => {
    await expect(read(logOf(2)).receipt(7)).rejects.toMatchObject({
      code: 'AUDIT_INDEX_BEYOND_LOG',
    });
  });
});
