import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { audit, type Decision } from '@physiclaw/contracts';
import { BlobStore } from '@physiclaw/platform';
import { canonicalize, hashIntent } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { addUp, bytesOutOf, type Charge, exceeded } from '#services/policy/decision/budgets.ts';
import { Events } from '#services/policy/state/events.ts';
import { decisionOf } from '../entries.ts';
import { calls, intentOf, newName } from '../intents.ts';
import { type Machine, type Opened, startMachine } from '../machine.ts';

const limits = {
  turnsPerSession: 2,
  callsPerTurn: 3,
  callsPerSession: 5,
  secondsPerTurn: 60,
  bytesOut: 1000,
  tokensPerSession: 1000,
};
const account: Charge = {
  callsInSession: 4,
  callsInTurn: 2,
  turns: 2,
  began: 0,
  bytesOut: 900,
  tokens: 999,
  paid: false,
  bytes: 100,
  now: 60_000,
};

test('the last call that fits is not too many', () => {
  expect(exceeded(limits, account)).toBeUndefined();
});

test.each<[string, Partial<Charge>]>([
  ['budget:turns-per-session', { began: null }],
  ['budget:calls-per-session', { callsInSession: 5 }],
  ['budget:calls-per-turn', { callsInTurn: 3 }],
  ['budget:seconds-per-turn', { now: 60_001 }],
  ['budget:bytes-out', { bytes: 101 }],
  ['budget:tokens-per-session', { tokens: 1000 }],
])('%s is kept', (rule, more) => {
  expect(exceeded(limits, { ...account, ...more })).toBe(rule);
});

test('a call that was counted when it began to wait is not counted again', () => {
  const waited = { ...account, callsInSession: 5, callsInTurn: 3, paid: true };

  expect(exceeded(limits, waited)).toBeUndefined();
  expect(exceeded(limits, { ...waited, bytes: 101 })).toBe('budget:bytes-out');
});

test('only what leaves the workspace counts as out, by the size of its operands', () => {
  const exported = intentOf({ ...calls['export_file'], actuator: 'export_file' });

  expect(bytesOutOf(exported)).toBe(1000);
  expect(bytesOutOf({ ...exported, effects: ['read-workspace'] })).toBe(1000);
  expect(bytesOutOf({ ...exported, actuator: 'plug', effects: ['export'] })).toBe(1000);
  expect(bytesOutOf({ ...exported, actuator: 'read_file', effects: ['read-workspace'] })).toBe(0);
});

test('a call that waited counts once, and each further capability for it once more', () => {
  using events = new Events(':memory:');
  const about = { session: newName('s'), turn: newName('t'), request: newName('r') };
  const other = { session: about.session, turn: newName('t') };
  const entries: [number, object][] = [
    [1, { ...about, verdict: 'ask' }],
    [2, about],
    [3, { ...other, verdict: 'deny' }],
  ];
  events.keep(entries.map(([index, more]) => decisionOf(index, more)));
  expect(addUp(about, events)).toMatchObject({
    callsInSession: 2,
    callsInTurn: 1,
    turns: 2,
  });

  events.keep([decisionOf(4, about)]);

  expect(addUp(about, events)).toMatchObject({ callsInSession: 3, callsInTurn: 2 });
});

const limited = () => startMachine({ budgets: { tokensPerSession: 100 } });

/** Tells the log of an exchange with a model. */
async function used(by: Machine, session: string, told: object): Promise<void> {
  const about = { session, turn: newName('t'), model: 'scripted', finish: 'stop' };
  const event = { kind: 'traffic', request: '0'.repeat(64), ...about, ...told } as const;
  await by.as('inference', audit).ask(audit.calls.append, { event });
}

function readIn(by: Machine, opened: Opened, turn = newName('t')): Promise<Decision> {
  return by.decide(opened, { ...calls['read_file'], turn });
}

describe('a budget of tokens', () => {
  const over = { verdict: 'deny', rules: ['budget:tokens-per-session'] };

  test('is reached by what the log holds before the first call of a turn', async () => {
    await using small = await limited();
    const [opened, other] = [await small.open(), await small.open()];
    await used(small, opened.session, { inputTokens: 60, outputTokens: 40 });

    expect(await readIn(small, opened)).toMatchObject(over);
    expect((await readIn(small, other)).verdict).toBe('allow');
  });

  test('is reached within a turn, by the call after the one that it let through', async () => {
    await using small = await limited();
    const opened = await small.open();
    const turn = newName('t');
    await used(small, opened.session, { inputTokens: 60 });
    expect((await readIn(small, opened, turn)).verdict).toBe('allow');
    await used(small, opened.session, { inputTokens: 60 });

    expect(await readIn(small, opened, turn)).toMatchObject(over);
  });

  test('stays spent: neither a restart nor a lost database gives it back', async () => {
    await using small = await limited();
    const opened = await small.open();
    await used(small, opened.session, { outputTokens: 100 });
    await small.stop('policy');
    loseDatabase(small);
    await small.startPolicy();
    await small.gate();

    expect(await readIn(small, opened)).toMatchObject(over);
  });

  test('counts nothing that was not told, and nothing back that is less than nothing', async () => {
    await using small = await limited();
    const opened = await small.open();
    await used(small, opened.session, {});
    await used(small, opened.session, { inputTokens: -1000, outputTokens: 99 });
    expect((await readIn(small, opened)).verdict).toBe('allow');
    await used(small, opened.session, { inputTokens: 1 });

    expect(await readIn(small, opened)).toMatchObject(over);
  });
});

describe('budgets', () => {
  test('are spent for good: neither a restart nor a lost database gives them back', async () => {
    await using small = await startMachine({ budgets: { callsPerTurn: 2 } });
    const opened = await small.open();
    const turn = newName('t');
    const read = () => small.decide(opened, { ...calls['read_file'], turn });
    const over = { verdict: 'deny', rules: ['budget:calls-per-turn'] };
    expect([(await read()).verdict, (await read()).verdict]).toEqual(['allow', 'allow']);
    expect(await read()).toMatchObject(over);

    await small.stop('policy');
    loseDatabase(small);
    await small.startPolicy();
    await small.gate();

    expect(await read()).toMatchObject(over);
    expect((await small.decide(opened, calls['read_file']!)).verdict).toBe('allow');
  });

  test('count what is exported by what the intents name', async () => {
    await using small = await startMachine({ budgets: { bytesOut: 1500 } });
    const opened = await small.open();
    const exportAgain = async () => {
      const intent = intentOf({ ...calls['export_file'], actuator: 'export_file' });
      const asked = await small.decide(opened, { ...intent, session: opened.session });
      if (asked.verdict !== 'ask') return asked;
      await small.answer(asked);
      return small.decide(opened, { ...intent, session: opened.session }, asked.request);
    };

    expect((await exportAgain()).verdict).toBe('allow');
    expect(await exportAgain()).toMatchObject({ verdict: 'deny', rules: ['budget:bytes-out'] });
  });

  test('of time begin anew when a person answered', async () => {
    await using small = await startMachine({ budgets: { secondsPerTurn: 0.2 } });
    const opened = await small.open();
    const turn = newName('t');
    const intent = intentOf({ session: opened.session, turn, ...calls['exec'], actuator: 'exec' });
    const asked = await small.decide(opened, intent);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await small.decide(opened, { ...calls['read_file'], turn })).toMatchObject({
      rules: ['budget:seconds-per-turn'],
    });

    await small.answer(asked);

    const { request } = await small.requestOf(asked);
    expect((await small.decide(opened, intent, request)).verdict).toBe('allow');
  });

  test('do not let a spent session fill the log at its own pace', async () => {
    await using small = await startMachine({ budgets: { callsPerSession: 0 } });
    const opened = await small.open();
    const since = performance.now();
    await Promise.all([1, 2, 3].map(() => small.decide(opened, calls['read_file']!)));

    expect(performance.now() - since).toBeGreaterThan(290);
  });

  test('let a spent session put nothing on the disk beside the log', async () => {
    await using small = await startMachine({ budgets: { callsPerTurn: 1 } });
    const opened = await small.open();
    const about = { ...calls['read_file'], session: opened.session, turn: newName('t') };
    const [kept, spent] = [intentOf(about), intentOf(about)];
    await small.decide(opened, kept);
    const over = { verdict: 'deny', rules: ['budget:calls-per-turn'] };
    expect(await small.decide(opened, spent)).toMatchObject(over);

    const blobs = new BlobStore(join(small.config.state, 'intents'));
    const hashes = [kept, spent].map((intent) => hashIntent(canonicalize(intent)));
    expect((await small.events()).at(-1)).toMatchObject({ intent: hashes[1] });
    expect(await Promise.all(hashes.map((hash) => blobs.has(hash)))).toEqual([true, false]);
  });
});

function loseDatabase({ config }: Machine): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(join(config.state, `policy.db${suffix}`), { force: true });
  }
}
