import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { Frontier, hashLeaf } from '@physiclaw/proof';
import { expect, onTestFinished, test } from 'vitest';
import { History } from '#services/siem/log/history.ts';
import type { TestLog } from '../../tools/log.ts';
import { logOf, turn } from '../entries.ts';

/** A history of a log; `switchTo` puts another in its place. */
function follow(first: TestLog) {
  const folder = mkdtempSync(join(tmpdir(), 'siem-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'checkpoint');
  let now: Pick<Peer, 'ask'> = first.peer;
  const log: Pick<Peer, 'ask'> = { ask: (call, question) => now.ask(call, question) };
  const open = () => new History({ log, vkey: first.vkey, path });
  return { path, open, switchTo: (next: Pick<Peer, 'ask'>) => (now = next) };
}

/** The same log, with the answer to one call changed. */
function lying(log: TestLog, name: string, lie: unknown): Pick<Peer, 'ask'> {
  return {
    ask: async (call, question) => {
      const reply = await log.peer.ask(call, question);
      return call.reply.parse(call.name === name ? lie : reply);
    },
  };
}

const start = String(new Frontier());
const forked = expect.objectContaining({ code: 'SIEM_LOG_FORKED' });

test('pages bring every entry once, in order, with its hash', async () => {
  const log = logOf(600);
  const history = follow(log).open();
  const texts: string[] = [];
  const sizes: number[] = [];
  for (let at = start; ;) {
    const { entries, after } = await history.page(at);
    if (entries.length === 0) break;
    texts.push(...entries.map(({ text }) => text));
    sizes.push(entries.length);
    expect(entries[0]?.leaf).toEqual(hashLeaf(Buffer.from(entries[0]?.text ?? '')));
    at = after;
  }

  expect(texts).toEqual(log.entries);
  expect(sizes).toEqual([256, 256, 88]);
});

test('what comes later is in the next page', async () => {
  const log = logOf(3);
  const history = follow(log).open();
  const { after } = await history.page(start);
  log.append('agent', turn(9));
  const next = await history.page(after);

  expect(next.entries.map(({ index }) => index)).toEqual([3]);
  expect(next.size).toBe(4);
});

test('an empty log has no page, and may grow', async () => {
  const log = logOf(0);
  const history = follow(log).open();
  const { after, entries } = await history.page(start);
  log.append('agent', turn(1));

  expect(entries).toEqual([]);
  expect((await history.page(after)).entries).toHaveLength(1);
});

test('an entry that the checkpoint does not cover is not handed on', async () => {
  const log = logOf(300);
  const other = log.fork(10);
  for (let n = 0; n < 290; n += 1) other.append('agent', turn(9000 + n));
  const { open, switchTo } = follow(log);
  const wrong = await other.peer.ask(audit.calls.entries, { from: 0, count: 256 });
  switchTo(lying(log, 'entries', wrong));

  await expect(open().page(start)).rejects.toEqual(forked);
});

test('a log that withholds an entry is no shorter log', async () => {
  const log = logOf(3);
  const { open, switchTo } = follow(log);
  switchTo(lying(log, 'entries', { size: 3, entries: [] }));

  await expect(open().page(start)).rejects.toEqual(forked);
});

test('a place in another log is refused', async () => {
  const { after } = await follow(logOf(3)).open().page(start);
  const other = logOf(2);
  for (const n of [40, 41, 42]) other.append('agent', turn(n));

  await expect(follow(other).open().page(after)).rejects.toEqual(forked);
});

test.each([
  ['with another past', (log: TestLog) => grown(log.fork(2), 20, 21)],
  ['that was cut', (log: TestLog) => log.fork(2)],
  ['of the same size and another root', (log: TestLog) => grown(log.fork(2), 30)],
  ['of another key', () => logOf(5)],
])('a log %s is refused, after a restart too', async (_, other) => {
  const log = logOf(3);
  const { open, switchTo, path } = follow(log);
  await open().look();
  switchTo(other(log).peer);
  const history = open();

  await expect(history.look()).rejects.toEqual(forked);
  expect(history.refused).not.toBe('');
  expect(readFileSync(path, 'utf8')).toBe(log.checkpoint());
});

test('a log that is away is no fork', async () => {
  const log = logOf(1);
  const { open, switchTo } = follow(log);
  const history = open();
  await history.look();
  log.append('agent', turn(2));
  switchTo({
    ask: (call, question) => {
      if (call.name !== audit.calls.consistency.name) return log.peer.ask(call, question);
      throw new ApplianceError('PEER_SILENT', 504, 'no answer');
    },
  });

  await expect(history.look()).rejects.toMatchObject({ code: 'PEER_SILENT' });
});

test('a log that no longer has what it had forked', async () => {
  const log = logOf(4);
  const { open, switchTo } = follow(log);
  const history = open();
  await history.look();
  log.append('agent', turn(2));
  switchTo({
    ask: (call, question) => {
      if (call.name !== audit.calls.consistency.name) return log.peer.ask(call, question);
      throw new ApplianceError('AUDIT_INDEX_BEYOND_LOG', 404, 'no such size');
    },
  });

  await expect(history.look()).rejects.toEqual(forked);
});

test('what was kept and is no checkpoint of this log is refused', () => {
  const { open, path } = follow(logOf(1));
  writeFileSync(path, logOf(1).checkpoint());

  expect(open).toThrow(forked);
});

test('a checkpoint that was refused is not kept', async () => {
  const { open, switchTo, path } = follow(logOf(1));
  switchTo(logOf(1).peer);

  await expect(open().look()).rejects.toEqual(forked);
  expect(existsSync(path)).toBe(false);
});

function grown(log: TestLog, ...numbers: number[]): TestLog {
  for (const n of numbers) log.append('agent', turn(n));
  return log;
}
