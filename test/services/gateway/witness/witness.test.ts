import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { expect, onTestFinished, test } from 'vitest';
import { openWitness } from '#services/gateway/witness/witness.ts';
import { TestLog } from '#test/services/tools/log.ts';

const turn = (n: number) =>
  ({
    kind: 'turn',
    session: `s-${n.toString(16).padStart(32, '0')}`,
    turn: `t-${n.toString(16).padStart(32, '0')}`,
    verb: 'asked',
    planner: 'runbook',
  }) as const;

/** A log that the witness watches; `switchTo` puts another in its place. */
function watch(first: TestLog) {
  const folder = mkdtempSync(join(tmpdir(), 'witness-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'checkpoint');
  let now: Pick<Peer, 'ask'> = first.peer;
  const log: Pick<Peer, 'ask'> = { ask: (call, question) => now.ask(call, question) };
  const witness = () => openWitness({ log, vkey: first.vkey, path });
  return { path, witness, switchTo: (next: Pick<Peer, 'ask'>) => (now = next) };
}

function logOf(entries: number): TestLog {
  const log = new TestLog();
  for (let n = 0; n < entries; n += 1) log.append('agent', turn(n));
  return log;
}

const forked = expect.objectContaining({ code: 'AUDIT_LOG_FORKED' });

test('a log that grows is followed, and its last checkpoint is kept', async () => {
  const log = logOf(3);
  const { witness, path } = watch(log);
  const one = witness();
  await one.look();
  log.append('agent', turn(9));

  expect(await one.look()).toMatchObject({ size: 4, note: log.checkpoint() });
  expect(readFileSync(path, 'utf8')).toBe(log.checkpoint());
});

test('a log that was empty when it was first seen may grow', async () => {
  const log = logOf(0);
  const { witness } = watch(log);
  const one = witness();
  await one.look();
  log.append('agent', turn(1));

  expect((await one.look()).size).toBe(1);
});

test('a log with another past is refused, after a restart too', async () => {
  const log = logOf(3);
  const { witness, switchTo } = watch(log);
  await witness().look();
  const other = log.fork(2);
  for (const n of [20, 21]) other.append('agent', turn(n));
  switchTo(other.peer);

  await expect(witness().look()).rejects.toEqual(forked);
});

test('a log that was cut is refused', async () => {
  const log = logOf(3);
  const { witness, switchTo } = watch(log);
  await witness().look();
  switchTo(log.fork(2).peer);

  await expect(witness().look()).rejects.toEqual(forked);
});

test('a log of the same size and another root is refused', async () => {
  const log = logOf(3);
  const { witness, switchTo } = watch(log);
  await witness().look();
  const other = log.fork(2);
  other.append('agent', turn(30));
  switchTo(other.peer);

  await expect(witness().look()).rejects.toEqual(forked);
});

test('a checkpoint of another key is refused, and is not kept', async () => {
  const { witness, switchTo, path } = watch(logOf(1));
  switchTo(logOf(1).peer);

  await expect(witness().look()).rejects.toEqual(forked);
  expect(existsSync(path)).toBe(false);
});

test('a log that is away is no fork', async () => {
  const log = logOf(1);
  const { witness, switchTo } = watch(log);
  const one = witness();
  await one.look();
  log.append('agent', turn(2));
  switchTo({
    ask: (call, question) => {
      if (call.name !== audit.calls.consistency.name) return log.peer.ask(call, question);
      throw new ApplianceError('PEER_SILENT', 504, 'no answer');
    },
  });

  await expect(one.look()).rejects.toMatchObject({ code: 'PEER_SILENT' });
});
