import { expect, test } from 'vitest';
import { bytesOutOf, type Charge, exceeded } from '#services/policy/decision/budgets.ts';
import { calls, intentOf } from '../intents.ts';

const limits = {
  turnsPerSession: 2,
  callsPerTurn: 3,
  callsPerSession: 5,
  secondsPerTurn: 60,
  bytesOut: 1000,
  tokensPerSession: 1,
};
const account: Charge = {
  callsInSession: 4,
  callsInTurn: 2,
  turns: 2,
  began: 0,
  bytesOut: 900,
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
