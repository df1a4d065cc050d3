import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, policy, type Receipt } from '@physiclaw/contracts';
import { canonicalize, hashLeaf, signCheckpoint } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { calls, intentOf } from '../intents.ts';
import { type Lies, standBetween } from '../liar.ts';
import { type Machine, startMachine, trustDomain } from '../machine.ts';

const mismatch = { code: 'POLICY_LOG_MISMATCH' };

/** Another entry of the same log, with a proof that holds. */
const another = async (machine: Machine, { index }: Receipt) =>
  machine.as('policy', audit).ask(audit.calls.receipt, { index: index - 1 });

const flipped = (receipt: Receipt): Receipt => ({
  ...receipt,
  entry: receipt.entry.replace('"allow"', '"deny"'),
});

test.each<[string, (machine: Machine) => Lies]>([
  ['another entry', (machine) => ({ append: (receipt) => another(machine, receipt) })],
  ['a changed entry', () => ({ append: flipped })],
  ['a checkpoint of nobody', () => ({ append: (receipt) => ({ ...receipt, checkpoint: 'x' }) })],
])('a decision whose receipt shows %s is not given out', async (_what, lies) => {
  await using machine = await startMachine();
  const session = await machine.open();
  await using _ = await standBetween(machine, lies(machine));
  await machine.restart();
  await machine.gate();

  await expect(machine.decide(session, calls['read_file']!)).rejects.toMatchObject(mismatch);
});

describe('a log that becomes shorter is not believed', () => {
  test('where it forked, with its own key in hand', async () => {
    await using machine = await startMachine();
    const session = await machine.open();
    const append = ({ entry }: Receipt) => {
      const root = hashLeaf(Buffer.from(entry));
      const checkpoint = { origin: 'test.internal', size: 1, root };
      return { index: 0, entry, proof: [], checkpoint: signCheckpoint(checkpoint, machine.logKey) };
    };
    await using _ = await standBetween(machine, { append });
    await machine.restart();
    await machine.gate();

    await expect(machine.decide(session, calls['read_file']!)).rejects.toMatchObject({
      ...mismatch,
      message: expect.stringContaining('shorter'),
    });
  });

  test('where it was cut back to what it was before', async () => {
    await using machine = await startMachine();
    const before = await machine.as('policy', audit).ask(audit.calls.checkpoint, {});
    const lies: Lies = {};
    await using _ = await standBetween(machine, lies);
    await machine.restart();
    await machine.open();
    lies.append = (receipt) => ({ ...receipt, checkpoint: 'lost' });
    await expect(machine.open()).rejects.toMatchObject(mismatch);
    lies.checkpoint = () => before;

    await expect(machine.open()).rejects.toMatchObject({
      ...mismatch,
      message: expect.stringContaining('shorter'),
    });
  });
});

test('an earlier denial is shown by its own entry only', async () => {
  await using machine = await startMachine();
  const session = await machine.open();
  const turn = `t-${'1'.repeat(32)}`;
  const salt = Buffer.alloc(16).toString('base64');
  const forbidden = { ...calls['exec'], arguments: { argv: ['ls', '/etc/shadow'] }, turn, salt };
  await machine.decide(session, forbidden);
  const receipt = (shown: Receipt) => another(machine, shown);
  await using _ = await standBetween(machine, { receipt });
  await machine.restart();
  await machine.gate();

  await expect(machine.decide(session, forbidden)).rejects.toMatchObject(mismatch);
});

test.each<[string, Lies]>([
  ['are changed', { entries: ([first, ...rest]) => [first!.replace('claim', 'guess'), ...rest] }],
  ['are swapped', { entries: ([first, second, ...rest]) => [second!, first!, ...rest] }],
  ['are missing', { entries: () => [] }],
  ['are no entries', { entries: (entries) => entries.map(() => '{}') }],
])('policy does not start on a log whose entries %s', async (_what, lies) => {
  await using machine = await startMachine();
  await machine.open();
  await machine.stop('policy');
  rmSync(join(machine.config.state, 'policy.db'));
  await using _ = await standBetween(machine, {
    entries: (entries) => lies.entries!(entries.map((entry) => entry)),
  });

  await expect(machine.startPolicy()).rejects.toMatchObject(mismatch);
});

test('policy does not start on a checkpoint of nobody', async () => {
  await using machine = await startMachine();
  await machine.stop('policy');
  const lies: Lies = { checkpoint: () => ({ checkpoint: 'size 0, trust me', size: 0 }) };
  await using _ = await standBetween(machine, lies);

  await expect(machine.startPolicy()).rejects.toMatchObject(mismatch);
});

test('a kill that anybody but policy reported is none, also where the log took it', async () => {
  await using machine = await startMachine();
  await machine.stop('policy');
  rmSync(join(machine.config.state, 'policy.db'));
  const text = killBy('tools');
  const root = hashLeaf(Buffer.from(text));
  const checkpoint = signCheckpoint({ origin: 'test.internal', size: 1, root }, machine.logKey);
  const lies = { checkpoint: () => ({ checkpoint, size: 1 }), entries: () => [text] };
  await using _ = await standBetween(machine, lies);
  await machine.startPolicy();

  expect((await machine.gateway.ask(policy.calls.status, {})).killed).toBeUndefined();
});

describe('what must not wait for the log', () => {
  test('gets there in the order in which it happened', async () => {
    await using machine = await startMachine();
    const lies: Lies = { before: () => Promise.reject(new Error('down')) };
    await using _ = await standBetween(machine, lies);
    await machine.restart();
    writeFileSync(machine.killFile, 'Ada');
    await expect.poll(() => journaledOf(machine)).toBe(1);
    lies.before = ({ kind }) => {
      if (kind === 'kill') throw new Error('still down');
    };
    await machine.signIn();
    delete lies.before;
    await expect.poll(() => journaledOf(machine), { timeout: 4000 }).toBe(0);

    expect((await machine.events()).map(({ kind }) => kind).slice(-2)).toEqual(['kill', 'sign-in']);
  });

  test('gets there once, where the answer got lost', async () => {
    await using machine = await startMachine();
    const lies: Lies = { append: (receipt) => ({ ...receipt, checkpoint: 'lost' }) };
    await using _ = await standBetween(machine, lies);
    await machine.restart();
    writeFileSync(machine.killFile, 'Ada');
    await expect.poll(() => machine.lines.some(({ msg }) => msg === 'journaled')).toBe(true);
    delete lies.append;
    await expect.poll(() => journaledOf(machine)).toBe(0);

    expect((await machine.events()).filter(({ kind }) => kind === 'kill')).toHaveLength(1);
  });
});

test('policy does not start on a log that is not the one that it read', async () => {
  await using machine = await startMachine();
  await machine.open();
  await machine.restart();
  await machine.stop('policy');
  await machine.stop('audit');
  rmSync(join(machine.home, 'state/audit'), { recursive: true });
  await machine.startAudit();

  await expect(machine.startPolicy()).rejects.toMatchObject(mismatch);
});

test('what was appended without an answer is known to the next call', async () => {
  await using machine = await startMachine();
  const lies: Lies = { append: (receipt) => ({ ...receipt, checkpoint: 'lost' }) };
  {
    await using _ = await standBetween(machine, lies);
    await machine.restart();
    await machine.gate();
    await expect(machine.open(`s-${'2'.repeat(32)}`)).rejects.toMatchObject(mismatch);
    delete lies.append;
    await expect(machine.open(`s-${'2'.repeat(32)}`)).rejects.toMatchObject({
      code: 'POLICY_SESSION_EXISTS',
    });
  }
  expect((await machine.gateway.ask(policy.calls.status, {})).journaled).toBe(0);
});

test('a denial that got no answer is the answer to the next call', async () => {
  await using machine = await startMachine();
  const session = await machine.open();
  const forbidden = { ...calls['exec'], arguments: { argv: ['ls', '/etc/shadow'] } };
  const intent = intentOf({ session: session.session, ...forbidden, actuator: 'exec' });
  const lies: Lies = { append: (receipt) => ({ ...receipt, checkpoint: 'lost' }) };
  await using _ = await standBetween(machine, lies);
  await machine.restart();
  await machine.gate();
  await expect(machine.decide(session, intent)).rejects.toMatchObject(mismatch);
  const before = (await machine.events()).length;
  delete lies.append;

  expect((await machine.decide(session, intent)).verdict).toBe('deny');
  expect((await machine.events()).length).toBe(before);
});

async function journaledOf(machine: Machine): Promise<number> {
  return (await machine.gateway.ask(policy.calls.status, {})).journaled;
}

/** An entry as the log would write it. */
function killBy(service: string): string {
  const event = {
    kind: 'kill',
    kill: `k-${'1'.repeat(32)}`,
    by: 'me',
    at: new Date().toISOString(),
  };
  const reporter = `spiffe://${trustDomain}/${service}`;
  return canonicalize({
    category_uid: 6,
    class_uid: 6003,
    activity_id: 99,
    type_uid: 600_399,
    severity_id: 1,
    time: 1,
    metadata: {
      version: '1.6.0',
      product: { name: 'physiclaw', vendor_name: 'physiclaw' },
      profiles: ['ai_operation', 'record_integrity'],
    },
    unmapped: { reporter, time_source: 'unverified-rtc', once: [], event },
  });
}
