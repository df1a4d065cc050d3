import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import { ApplianceError, type AskedLog, isFork, proveGrowth, Witness } from '@physiclaw/platform';
import { openCheckpoint, ProofError } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { logOf, turn } from '../../services/siem/entries.ts';
import type { TestLog } from '../../services/tools/log.ts';
import { fillDisk, MEBIBYTE, smallDisk, temporaryFolder } from './small-disk.ts';

const forked = new Error('another log');

const treeOf = (log: TestLog, size = log.entries.length) =>
  openCheckpoint(log.checkpoint(size), log.vkey);
const nobody: AskedLog = { ask: () => Promise.reject(new Error('asked')) };

/** What the log answers, but for the proofs of consistency. */
function without(log: TestLog, code: string): AskedLog {
  return {
    ask: (call, question) => {
      if (call.name !== audit.calls.consistency.name) return log.peer.ask(call, question);
      throw new ApplianceError(code, 500, code);
    },
  };
}

/** A witness of a log; `switchTo` puts another in its place. */
function watch(first: TestLog, folder = temporaryFolder()) {
  const path = join(folder, 'checkpoint');
  let now: AskedLog = first.peer;
  const log: AskedLog = { ask: (call, question) => now.ask(call, question) };
  const open = () => new Witness({ log, vkey: first.vkey, path, forked: () => forked });
  return { path, open, switchTo: (next: AskedLog) => (now = next) };
}

describe('proveGrowth', () => {
  test('resolves for every earlier size of a log', async () => {
    const log = logOf(9);
    const sizes = Array.from({ length: 9 }, (_, at) => at + 1);
    const shown = sizes.map((size) => proveGrowth(log.peer, treeOf(log, size), treeOf(log)));

    await expect(Promise.all(shown)).resolves.toHaveLength(9);
  });

  test('asks for nothing where both are of one size', async () => {
    const log = logOf(3);

    await expect(proveGrowth(nobody, treeOf(log), treeOf(log))).resolves.toBeUndefined();
    const other = grown(log.fork(2), 9);
    await expect(proveGrowth(nobody, treeOf(log), treeOf(other))).rejects.toSatisfy(isFork);
  });

  test.each([
    ['with another past', (log: TestLog) => grown(log.fork(2), 20, 21)],
    ['that was cut', (log: TestLog) => log.fork(2)],
  ])('refuses a log %s', async (_, other) => {
    const log = logOf(3);
    const next = other(log);

    await expect(proveGrowth(next.peer, treeOf(log), treeOf(next))).rejects.toSatisfy(isFork);
  });

  test('shows nothing of the empty log', async () => {
    const log = logOf(3);

    await expect(proveGrowth(log.peer, treeOf(log, 0), treeOf(log))).rejects.toSatisfy(isFork);
  });
});

test.each([
  [new ProofError('PROOF_CONSISTENCY_INVALID', 'no'), true],
  [new ApplianceError('AUDIT_INDEX_BEYOND_LOG', 404, 'no such size'), true],
  [new ApplianceError('PEER_UNREACHABLE', 503, 'away'), false],
  [new ApplianceError('AUDIT_LOG_BROKEN', 500, 'broken'), false],
  [new Error('PROOF_ of nothing'), false],
])('%s is a fork: %s', (error, fork) => {
  expect(isFork(error)).toBe(fork);
});

describe('a witness', () => {
  test('follows a log that grows, and keeps its last checkpoint', async () => {
    const log = logOf(3);
    const { open, path } = watch(log);
    const witness = open();
    expect(witness.accepted()).toBeUndefined();
    await witness.look();
    log.append('agent', turn(9));

    expect(await witness.look()).toMatchObject({ size: 4, note: log.checkpoint() });
    expect(readFileSync(path, 'utf8')).toBe(log.checkpoint());
    expect(open().accepted()).toEqual(witness.accepted());
  });

  test('lets a log grow that was empty when it was first seen', async () => {
    const log = logOf(0);
    const { open } = watch(log);
    const witness = open();
    await witness.look();
    log.append('agent', turn(1));

    expect((await witness.look()).size).toBe(1);
  });

  test.each([
    ['with another past', (log: TestLog) => grown(log.fork(2), 20, 21)],
    ['that was cut', (log: TestLog) => log.fork(2)],
    ['of the same size and another root', (log: TestLog) => grown(log.fork(2), 30)],
    ['of another key', () => logOf(5)],
  ])('refuses a log %s, after a restart too', async (_, other) => {
    const log = logOf(3);
    const { open, switchTo, path } = watch(log);
    await open().look();
    const next = other(log);
    switchTo(next.peer);
    const witness = open();

    await expect(witness.look()).rejects.toBe(forked);
    expect(witness.refused).toBe(next.checkpoint());
    expect(witness.accepted()?.size).toBe(3);
    expect(readFileSync(path, 'utf8')).toBe(log.checkpoint());
  });

  test('refuses a log that no longer has what it had', async () => {
    const log = logOf(4);
    const { open, switchTo } = watch(log);
    const witness = open();
    await witness.look();
    grown(log, 9);
    switchTo(without(log, 'AUDIT_INDEX_BEYOND_LOG'));

    await expect(witness.look()).rejects.toBe(forked);
  });

  test('takes a log that is away for no other', async () => {
    const log = logOf(1);
    const { open, switchTo } = watch(log);
    const witness = open();
    await witness.look();
    grown(log, 9);
    switchTo(without(log, 'PEER_SILENT'));

    await expect(witness.look()).rejects.toMatchObject({ code: 'PEER_SILENT' });
    expect(witness.refused).toBe('');
  });

  test('keeps no checkpoint of another key', async () => {
    const { open, switchTo, path } = watch(logOf(1));
    switchTo(logOf(1).peer);

    await expect(open().look()).rejects.toBe(forked);
    expect(existsSync(path)).toBe(false);
  });

  test('opens with a file that holds no checkpoint of this log, and accepts none after it', async () => {
    const { open, path } = watch(logOf(1));
    writeFileSync(path, logOf(1).checkpoint());
    const witness = open();

    expect(() => witness.accepted()).toThrow(forked);
    await expect(witness.look()).rejects.toBe(forked);
  });

  test.runIf(process.geteuid?.() === 0)(
    'remembers on a full disk what it could not keep',
    async () => {
      const folder = smallDisk(MEBIBYTE);
      const log = logOf(3);
      const { open, path, switchTo } = watch(log, folder);
      fillDisk(folder);
      const witness = open();
      await witness.look();
      switchTo(grown(log.fork(2), 20, 21).peer);

      await expect(witness.look()).rejects.toBe(forked);
      expect(existsSync(path)).toBe(false);
    },
  );

  test('accepts nothing that it cannot keep for another reason', async () => {
    const folder = temporaryFolder();
    const { open } = watch(logOf(1), folder);
    const witness = open();
    rmSync(folder, { recursive: true });

    await expect(witness.look()).rejects.toMatchObject({ code: 'ENOENT' });
    expect(witness.accepted()).toBeUndefined();
  });
});

function grown(log: TestLog, ...numbers: number[]): TestLog {
  for (const n of numbers) log.append('agent', turn(n));
  return log;
}
