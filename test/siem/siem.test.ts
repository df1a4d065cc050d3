import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Arrived, countArrived, leafOf } from './arrived.ts';
import { type House, startHouse } from './house.ts';
import { prepareRsyslog, type Rsyslog } from './rsyslog.ts';

// A run that is cut by its time does less of each.
const MINUTES = Number(process.env['SUITE_MINUTES'] ?? 60);
const KILLS = Math.min(Number(process.env['SIEM_KILLS'] ?? 10), Math.ceil(MINUTES * 4));
const AWAY = Math.min(Number(process.env['SIEM_AWAY'] ?? 100_000), Math.round(MINUTES * 6000));
const PER_SECOND = 200;
/** So many at once: the log writes what came together as one batch. */
const WRITERS = 48;
const UP_MS = 3000;
const DOWN_MS = 700;
const SETTLE_MS = 200;
const MOST_GROWTH = 16 * 1_048_576;
/** What two runs of the same thing on a busy machine may differ by. */
const SLACK = 1.5;
const MINUTE = 60_000;
const HARD = 'a line\nand "quotes" [brackets] back\\slash \u0000 é 語 😀';

const cleanUp = new AsyncDisposableStack();
let house: House;
let rsyslog: Rsyslog;
let pids: number[];
let count = 0;
beforeAll(async () => {
  house = cleanUp.use(await startHouse());
  const { clients } = house;
  rsyslog = cleanUp.use(await prepareRsyslog({ folder: join(house.home, 'rsyslog'), clients }));
  await rsyslog.start();
  const { relp, tls, ca } = rsyslog;
  pids = [
    await house.exportTo('relp', {
      destination: relp,
      ca,
      clientCertificate: true,
      messageBytes: 16_384,
    }),
    await house.exportTo('tls', { destination: tls, ca, messageBytes: 16_384 }),
  ];
});
afterAll(() => cleanUp.disposeAsync());

/** Something that happened, with so much text of the test's own. */
function started(driver: string) {
  count += 1;
  return {
    kind: 'started',
    session: `s-${count.toString(16).padStart(32, '0')}`,
    intent: count.toString(16).padStart(64, '0'),
    capability: `bafyrei${'a'.repeat(52)}`,
    decision: 0,
    driver,
  } as const;
}

const append = (driver = 'none') => house.append(started(driver));

/** Tells the log of so many events as fast as it takes them. */
async function appendMany(many: number): Promise<void> {
  let left = many;
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (left > 0) {
        left -= 1;
        await append();
      }
    }),
  );
}

/** Resolves with what arrived, once every entry of the log has. */
async function allArrived(protocol: 'relp' | 'tls', patienceMs: number): Promise<Arrived> {
  const size = await house.size();
  const end = Date.now() + patienceMs;
  for (;;) {
    const arrived = await countArrived(rsyslog.messages(protocol));
    if (arrived.entries >= size || Date.now() > end) return arrived;
    await sleep(1000 + arrived.messages / 100);
  }
}

function say(what: string, counts: Arrived | Record<string, unknown>): void {
  const words = Object.entries(counts).map(([name, value]) => `${name} ${String(value)}`);
  process.stdout.write(`${what}: ${words.join(', ')}\n`);
}

test(
  `every entry arrives, although the receiver is killed ${KILLS} times under ${PER_SECOND} a second`,
  async () => {
    const over = new AbortController();
    const load = keepAppending(over.signal);
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(UP_MS);
      await rsyslog.kill();
      await sleep(DOWN_MS);
      await rsyslog.start();
    }
    over.abort();
    const perSecond = await load;
    const size = await house.size();
    for (const protocol of ['relp', 'tls'] as const) {
      const arrived = await allArrived(protocol, 2 * MINUTE);
      say(`siem ${protocol}: ${KILLS} kills, ${perSecond} entries a second, log ${size}`, {
        ...arrived,
      });

      expect(arrived).toMatchObject({ entries: size, missing: 0, torn: 0, cut: 0 });
      expect(arrived.heartbeats).toBeGreaterThan(KILLS);
    }
  },
  10 * MINUTE,
);

/** Tells the log of `PER_SECOND` events each second: how many they were. */
async function keepAppending(over: AbortSignal): Promise<number> {
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1000;
  let told = 0;
  const write = async () => {
    while (!over.aborted) {
      if (told >= seconds() * PER_SECOND) await sleep(5);
      else {
        told += 1;
        await append();
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return Math.round(told / seconds());
}

test(
  'what is hard to carry arrives whole, up to an entry of 8 KiB',
  async () => {
    const { index: hard } = await append(HARD);
    const { entry: small } = await append('');
    const { index: large, entry } = await append('é'.repeat((8192 - Buffer.byteLength(small)) / 2));
    const room = Buffer.byteLength(entry);

    for (const protocol of ['relp', 'tls'] as const) {
      const arrived = await allArrived(protocol, MINUTE);
      const texts = new Map<number, string>();
      await countArrived(rsyslog.messages(protocol), ({ text }, index) => {
        if (index === hard || index === large) texts.set(index, text);
      });

      expect(JSON.parse(texts.get(hard) ?? '{}').unmapped.event.driver).toBe(HARD);
      expect(texts.get(large)).toBe(entry);
      expect(arrived).toMatchObject({ missing: 0, torn: 0, cut: 0 });
    }
    expect(room).toBeGreaterThan(8190);
    say('siem: hard text and an entry at the limit', { bytes: room });
  },
  3 * MINUTE,
);

test(
  'where the receiver takes less, an entry is cut and keeps its leaf hash',
  async () => {
    const { entry, index: large } = await append('語'.repeat(2000));
    const folder = join(house.home, 'small');
    const options = { folder, clients: house.clients, messageBytes: 4096 };
    await using small = await prepareRsyslog(options);
    await small.start();
    const to = { destination: small.tls, ca: small.ca, messageBytes: 4096 };
    await house.exportTo('small', to);
    const cut: { text: string; data: Record<string, string> }[] = [];
    const arrivedAt = async () => {
      cut.length = 0;
      const look = (message: (typeof cut)[number], index: number) => {
        if (index === large) cut.push(message);
      };
      return (await countArrived(small.messages('tls'), look)).entries;
    };
    await expect.poll(arrivedAt, { timeout: 2 * MINUTE, interval: 1000 }).toBe(await house.size());
    const [{ text, data } = { text: '', data: {} }] = cut;

    const bytes = Buffer.byteLength(entry);
    expect(data).toMatchObject({ bytes: String(bytes), leaf: leafOf(entry) });
    expect(entry.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(1000);
    say('siem: cut for a smaller receiver', { from: bytes, to: Buffer.byteLength(text) });
  },
  4 * MINUTE,
);

test(
  `while the receiver is away for ${AWAY} entries memory stays flat and nothing waits`,
  async () => {
    const before = pids.map(memoryOf);
    await rsyslog.kill();
    await appendMany(AWAY);
    const during = pids.map(memoryOf);
    const { away, alone } = await compareAppends();
    await rsyslog.start();
    const since = performance.now();
    const size = await house.size();
    const growth = during.map((bytes, at) => bytes - (before[at] ?? 0));
    say(`siem: receiver away for ${AWAY} entries`, {
      'memory before': before.map(mebibytes).join(' '),
      'memory after': during.map(mebibytes).join(' '),
      'append with siem': `${away.toFixed(2)} ms`,
      'append without': `${alone.toFixed(2)} ms`,
    });

    expect(Math.max(...growth)).toBeLessThan(MOST_GROWTH);
    expect(away).toBeLessThan(alone * SLACK + 1);
    for (const protocol of ['relp', 'tls'] as const) {
      const arrived = await allArrived(protocol, 4 * MINUTE);
      say(`siem ${protocol}: all after ${Math.round((performance.now() - since) / 1000)} s`, {
        ...arrived,
      });

      expect(arrived).toMatchObject({ entries: size, missing: 0, torn: 0 });
    }
    const busy = pids.map(memoryOf);
    const grown = () => Math.max(...pids.map((pid, at) => memoryOf(pid) - (before[at] ?? 0)));
    // What so many entries left behind is taken away when there is time for it.
    await expect.poll(grown, { timeout: 2 * MINUTE, interval: 1000 }).toBeLessThan(MOST_GROWTH * 2);
    say('siem: memory after it caught up', {
      'MiB at once': busy.map(mebibytes).join(' '),
      'MiB soon': pids.map((pid) => mebibytes(memoryOf(pid))).join(' '),
    });
  },
  12 * MINUTE,
);

/**
 * Milliseconds that a quarter of all appends stay below, turn by turn with `siem` at work and stopped
 * altogether: what else the machine does slows the others.
 */
async function compareAppends(): Promise<{ away: number; alone: number }> {
  const [away, alone]: [number[], number[]] = [[], []];
  for (let round = 0; round < 24; round += 1) {
    const isAlone = round % 2 === 1;
    for (const pid of pids) process.kill(pid, isAlone ? 'SIGSTOP' : 'SIGCONT');
    // A process that goes on has timers of the time that it missed.
    await sleep(SETTLE_MS);
    for (let n = 0; n < 25; n += 1) {
      const since = performance.now();
      await append();
      (isAlone ? alone : away).push(performance.now() - since);
    }
  }
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  return { away: quartile(away), alone: quartile(alone) };
}

function quartile(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 4)] ?? 0;
}

/** The proportional set size of a process, in bytes. */
function memoryOf(pid: number): number {
  const [, kib] =
    /^Pss: +([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(0);
