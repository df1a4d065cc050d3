import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobStore } from '@physiclaw/platform';
import { canonicalize } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { addUp } from '#services/policy/decision/spent.ts';
import { Events } from '#services/policy/state/events.ts';
import { calls, intentOf, newName } from '../intents.ts';
import { decisionOf } from '../entries.ts';
import { startMachine } from '../machine.ts';

test('a call that waited counts once, and each further capability for it once more', async () => {
  using events = new Events(':memory:');
  const intents = new BlobStore(tmpdir());
  const about = { session: newName('s'), turn: newName('t'), request: newName('r') };
  const other = { session: about.session, turn: newName('t') };
  const entries: [number, object][] = [
    [1, { ...about, verdict: 'ask' }],
    [2, about],
    [3, { ...other, verdict: 'deny' }],
  ];
  events.keep(entries.map(([index, more]) => decisionOf(index, more)));
  expect(await addUp(about, events, intents)).toMatchObject({
    callsInSession: 2,
    callsInTurn: 1,
    turns: 2,
  });

  events.keep([decisionOf(4, about)]);

  expect(await addUp(about, events, intents)).toMatchObject({ callsInSession: 3, callsInTurn: 2 });
});

test('what a lost intent sent out counts as endless', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  using stack = new DisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true }));
  const events = stack.use(new Events(':memory:'));
  const intents = new BlobStore(folder);
  const [session, turn] = [newName('s'), newName('t')];
  const intent = intentOf({ ...calls['export_file'], actuator: 'export_file' });
  const kept = await intents.put(Buffer.from(canonicalize(intent)));
  events.keep([decisionOf(3, { session, turn, intent: kept })]);
  expect(await addUp({ session, turn }, events, intents)).toMatchObject({ bytesOut: 1000 });

  events.keep([decisionOf(4, { session, turn, intent: '0'.repeat(64) })]);

  const { bytesOut } = await addUp({ session, turn }, events, intents);
  expect(bytesOut).toBeGreaterThan(Number.MAX_SAFE_INTEGER - 1);
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
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(small.config.state, `policy.db${suffix}`), { force: true });
    }
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
});
