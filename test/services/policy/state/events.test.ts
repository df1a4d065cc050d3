import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApprovalRequest, policy, SpiffeId, type TokenRecord } from '@physiclaw/contracts';
import { Frontier } from '@physiclaw/proof';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Events } from '#services/policy/state/events.ts';
import { decisionOf } from '../entries.ts';
import { calls, newName } from '../intents.ts';
import { type Machine, startMachine } from '../machine.ts';

test('an entry that comes again changes nothing', () => {
  using events = new Events(':memory:');
  const [session, turn] = [newName('s'), newName('t')];
  const [first, again] = [1, 2].map(() => decisionOf(7, { session, turn }));
  events.keep([first!, again!]);

  expect(events.all('decision')).toEqual([first]);
});

test('the latest entry of a thing is the one of the highest index', () => {
  using events = new Events(':memory:');
  const about = { session: newName('s'), turn: newName('t'), request: newName('r') };
  const [old, late] = [decisionOf(1, about), decisionOf(9, about)];
  events.keep([late, old]);

  expect(events.latest('decision', about.request)).toEqual(late);
  expect(events.decided({ ...about, intent: late.event.intent })).toEqual(late);
  expect(events.latest('decision', newName('r'))).toBeUndefined();
});

test('a file that left traffic out has the log read again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'policy.db');
  {
    using events = new Events(path);
    events.database.prepare('INSERT INTO replay VALUES (1, ?)').run(String(new Frontier()));
    events.database.exec('DROP INDEX event_traffic; PRAGMA user_version = 1');
  }
  using events = new Events(path);

  expect(events.database.prepare('SELECT * FROM replay').all()).toEqual([]);
});

interface Picture {
  mode: string;
  killed: string | undefined;
  requests: ApprovalRequest[];
  tokens: TokenRecord[];
}

/** All that policy says of itself. */
async function picture(machine: Machine): Promise<Picture> {
  const { mode, killed } = await machine.gateway.ask(policy.calls.status, {});
  const { requests } = await machine.gateway.ask(policy.calls.requests, {});
  const { tokens } = await machine.gateway.ask(policy.calls.tokens, {});
  return { mode, killed, requests, tokens: tokens.map((token) => ({ ...token, name: '' })) };
}

async function lived(): Promise<Machine> {
  const machine = await startMachine();
  const session = await machine.open();
  const exec = async () =>
    machine.decide(session, { ...calls['exec'], actuator: 'exec', turn: newName('t') });
  const [approved, denied] = [await exec(), await exec(), await exec()];
  await machine.answer(approved);
  await machine.answer(denied, { verdict: 'deny' });
  const person = SpiffeId.parse(machine.person);
  const token = { name: 'ci', scopes: ['read' as const], person };
  const { record } = await machine.gateway.ask(policy.calls.createToken, token);
  await machine.gateway.ask(policy.calls.createToken, token);
  await machine.gateway.ask(policy.calls.revokeToken, { id: record.id, person });
  writeFileSync(machine.killFile, 'Ada');
  await expect.poll(async () => (await machine.events()).at(-1)?.kind).toBe('kill');
  return machine;
}

describe('a database', () => {
  test('that was deleted is made anew from the log', async () => {
    await using machine = await lived();
    const before = await picture(machine);
    await machine.stop('policy');
    rmSync(join(machine.config.state, 'policy.db'));
    await machine.startPolicy();

    expect(await picture(machine)).toEqual(before);
    expect(before.requests.map(({ state }) => state)).toEqual(['pending', 'denied', 'approved']);
  });

  test('that is behind the log takes in what it lacks', async () => {
    await using machine = await lived();
    const before = await picture(machine);
    await machine.stop('policy');
    {
      using events = new Events(join(machine.config.state, 'policy.db'));
      events.database.exec('DELETE FROM event WHERE entry > 3; DELETE FROM replay');
    }
    await machine.startPolicy();

    expect(await picture(machine)).toEqual(before);
  });
});
