import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplianceError, createLogger, type Peer } from '@physiclaw/platform';
import { expect, onTestFinished, test } from 'vitest';
import { Cursor } from '#services/siem/cursor/cursor.ts';
import { SiemError } from '#services/siem/errors.ts';
import { Exporter } from '#services/siem/export/exporter.ts';
import { History } from '#services/siem/log/history.ts';
import type { Outgoing, Progress, Receiver } from '#services/siem/receiver/receiver.ts';
import type { TestLog } from '../../tools/log.ts';
import { logOf, turn } from '../entries.ts';
import { parseMessage } from '../parse-message.ts';

const unreachable = () => new SiemError('SIEM_RECEIVER_UNREACHABLE', 'nobody is there');

/** A receiver that keeps what it gets, and acknowledges where the test says so. */
class Double implements Receiver {
  readonly #gone = new AbortController();
  readonly #progress: Progress;
  readonly got: ReturnType<typeof parseMessage>[] = [];
  isSpent = false;
  isFinished = false;
  acknowledges = true;
  takesOnePage = false;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  get lost(): AbortSignal {
    return this.#gone.signal;
  }

  get indices(): number[] {
    return this.got.flatMap(({ data }) =>
      data['index'] === undefined ? [] : [Number(data['index'])],
    );
  }

  async send(messages: readonly Outgoing[]): Promise<void> {
    await Promise.resolve();
    this.lost.throwIfAborted();
    this.got.push(...messages.map(({ bytes }) => parseMessage(bytes.toString())));
    const { sent } = messages.at(-1) ?? { sent: 0 };
    this.isSpent = this.takesOnePage && this.indices.length > 0;
    if (this.acknowledges) this.#progress.onSafe(sent);
  }

  async finish(): Promise<void> {
    await Promise.resolve();
    this.lost.throwIfAborted();
    this.isFinished = true;
  }

  lose(): void {
    this.#gone.abort(unreachable());
  }

  [Symbol.dispose](): void {
    this.lose();
  }
}

interface Options {
  readonly log: TestLog;
  readonly prepare?: (double: Double, connection: number) => void;
  /** Connections that fail before the first that does not. */
  readonly refusals?: number;
  readonly heartbeatMs?: number;
  readonly peer?: Pick<Peer, 'ask'>;
}

function exportTo(options: Options) {
  const { log, prepare, heartbeatMs = 3_600_000, peer = log.peer } = options;
  const folder = mkdtempSync(join(tmpdir(), 'exporter-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const doubles: Double[] = [];
  let refusals = options.refusals ?? 0;
  const start = () => {
    const exporter = new Exporter({
      history: new History({ log: peer, vkey: log.vkey, path: join(folder, 'checkpoint') }),
      cursor: new Cursor(join(folder, 'cursor')),
      open: async (progress) => {
        await Promise.resolve();
        refusals -= 1;
        if (refusals >= 0) throw unreachable();
        const double = new Double(progress);
        prepare?.(double, doubles.length);
        doubles.push(double);
        return double;
      },
      format: { host: 'box', limit: 8192 },
      heartbeatMs,
      log: createLogger('siem', 'silent'),
    });
    onTestFinished(() => exporter[Symbol.asyncDispose]());
    exporter.start();
    return exporter;
  };
  const indices = () => doubles.flatMap((double) => double.indices);
  return { start, doubles, indices, folder };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const soon = { timeout: 5000 };

test('every entry is sent once, in order, and what comes later follows', async () => {
  const log = logOf(600);
  const { start, indices } = exportTo({ log });
  start();
  await expect.poll(indices, soon).toHaveLength(600);
  for (const n of [900, 901]) log.append('agent', turn(n));
  await expect.poll(indices, soon).toHaveLength(602);

  expect(indices()).toEqual(upTo(602));
});

test('a connection begins with the checkpoint, and it comes again', async () => {
  const log = logOf(2);
  const { start, doubles } = exportTo({ log, heartbeatMs: 700 });
  start();
  const beats = () => (doubles[0]?.got ?? []).filter(({ id }) => id === 'checkpoint');
  await expect.poll(beats, soon).toHaveLength(3);

  expect(doubles[0]?.got[0]?.id).toBe('checkpoint');
  expect(Buffer.from(beats()[1]?.data['checkpoint'] ?? '', 'base64').toString()).toBe(
    log.checkpoint(),
  );
  expect(beats()[1]?.data).toMatchObject({ size: '2', next: '2' });
});

test('after a break it goes on behind what was acknowledged', async () => {
  const log = logOf(300);
  const { start, doubles } = exportTo({
    log,
    prepare: (double, connection) => {
      double.acknowledges = connection > 0;
    },
  });
  start();
  await expect.poll(() => doubles[0]?.indices.length, soon).toBe(300);
  doubles[0]?.lose();
  await expect.poll(() => doubles[1]?.indices.length, soon).toBe(300);

  expect(doubles[1]?.indices).toEqual(upTo(300));
});

test('a start goes on where the last one was acknowledged', async () => {
  const log = logOf(300);
  const { start, doubles } = exportTo({ log });
  const first = start();
  await expect.poll(() => first.progress.acknowledged, soon).toBe(300);
  await first[Symbol.asyncDispose]();
  log.append('agent', turn(700));
  start();
  await expect.poll(() => doubles[1]?.indices, soon).toEqual([300]);
});

test('a spent connection is finished and the next goes on, with nothing sent twice', async () => {
  const log = logOf(600);
  const { start, doubles, indices } = exportTo({
    log,
    prepare: (double) => {
      double.acknowledges = false;
      double.takesOnePage = true;
    },
  });
  start();
  await expect.poll(indices, soon).toHaveLength(600);

  expect(indices()).toEqual(upTo(600));
  expect(doubles[0]?.isFinished).toBe(true);
});

test('while nobody is there it waits, and says why', async () => {
  const { start, indices } = exportTo({ log: logOf(1), refusals: 2 });
  const exporter = start();
  await expect.poll(() => exporter.progress.state, soon).toBe('waiting');
  const { problem } = exporter.progress;
  await expect.poll(indices, soon).toEqual([0]);

  expect(problem?.code).toBe('SIEM_RECEIVER_UNREACHABLE');
  expect(exporter.progress).toMatchObject({ state: 'connected', problem: undefined });
});

test('a log that is away is waited for', async () => {
  const log = logOf(1);
  let away = true;
  const peer: Pick<Peer, 'ask'> = {
    ask: (call, question) => {
      if (away) throw new ApplianceError('PEER_UNREACHABLE', 503, 'audit cannot be reached');
      return log.peer.ask(call, question);
    },
  };
  const { start, indices } = exportTo({ log, peer });
  const exporter = start();
  await expect.poll(() => exporter.progress.problem?.code, soon).toBe('PEER_UNREACHABLE');
  away = false;

  await expect.poll(indices, soon).toEqual([0]);
});

test('a fork stops it for good, and the receiver hears of it', async () => {
  const log = logOf(3);
  let { peer } = log;
  const { start, doubles, indices } = exportTo({
    log,
    peer: { ask: (call, question) => peer.ask(call, question) },
  });
  const exporter = start();
  await expect.poll(indices, soon).toHaveLength(3);
  const other = log.fork(2);
  for (const n of [20, 21, 22]) other.append('agent', turn(n));
  ({ peer } = other);
  await expect.poll(() => exporter.progress.state, soon).toBe('stopped');
  const last = doubles[0]?.got.at(-1);

  expect(exporter.progress.problem?.code).toBe('SIEM_LOG_FORKED');
  expect(last).toMatchObject({ id: 'fork', priority: 105 });
  expect(Buffer.from(last?.data['found'] ?? '', 'base64').toString()).toBe(other.checkpoint());
  expect(indices()).toEqual([0, 1, 2]);
});

test('whoever stops it does not wait for the receiver', async () => {
  const { start, doubles } = exportTo({
    log: logOf(1),
    prepare: (double) => {
      double.send = () =>
        new Promise((_, reject) => {
          double.lost.addEventListener('abort', () => reject(unreachable()));
        });
    },
  });
  const exporter = start();
  await expect.poll(() => doubles.length, soon).toBe(1);
  const since = performance.now();
  await exporter[Symbol.asyncDispose]();

  expect(performance.now() - since).toBeLessThan(1000);
});
