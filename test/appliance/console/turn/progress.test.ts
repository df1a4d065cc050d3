import type { TurnEvent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { advance, notBegun, type Progress } from '#appliance/console/turn/progress.ts';

const at = (second: number) => `2026-11-21T15:00:0${second}.000Z`;
const session = `s-${'1'.repeat(32)}`;
const turn = `t-${'2'.repeat(32)}`;

type Told = Pick<TurnEvent, 'name'> & { step?: string; data?: TurnEvent['data'] };

const after = (...told: Told[]): Progress =>
  told
    .map((one, sequence) => ({ session, turn, sequence, at: at(sequence), data: {}, ...one }))
    .reduce(advance, notBegun);

const requested: Told = {
  name: 'tool.requested',
  step: 'disk.usage',
  data: { actuator: 'disk_usage', title: 'measure folders' },
};

test('a call is a step from its request on, with its title, until it is done', () => {
  const begun = after(requested);
  const done = after(
    requested,
    { name: 'tool.started', step: 'disk.usage' },
    {
      name: 'tool.completed',
      step: 'disk.usage',
    },
  );

  expect(begun.steps).toMatchObject([{ title: 'measure folders', state: 'asks' }]);
  expect(done.steps).toMatchObject([{ title: 'measure folders', state: 'done', endedAt: at(2) }]);
});

test('a step that waits names the request, and goes on when it is granted', () => {
  const request = `r-${'3'.repeat(32)}`;
  const waiting: Told = { name: 'approval.requested', step: 'disk.usage', data: { request } };
  const granted: Told = { name: 'approval.granted', step: 'disk.usage', data: { request } };

  expect(after(requested, waiting).steps).toMatchObject([{ state: 'waits', request }]);
  expect(after(requested, waiting, granted).steps).toMatchObject([{ state: 'asks' }]);
});

test('what refused a step stands beside it', () => {
  const refused: Told = { name: 'tool.refused', step: 'disk.usage', data: { rules: ['hard:x'] } };

  expect(after(requested, refused).steps).toMatchObject([{ state: 'refused', rules: ['hard:x'] }]);
});

test('an event that was heard before, or that comes too early, changes nothing', () => {
  const once = after(requested);
  const event = {
    session,
    turn,
    at: at(9),
    name: 'tool.started',
    step: 'disk.usage',
    data: {},
  } as const;

  expect(advance(once, { ...event, sequence: 0 })).toBe(once);
  expect(advance(once, { ...event, sequence: 2 })).toBe(once);
});

test('a turn that failed has ended, with its code', () => {
  const failed = after({ name: 'turn.failed', data: { code: 'MODEL_REQUIRED', message: 'none' } });

  expect(failed).toMatchObject({ isEnded: true, failure: { code: 'MODEL_REQUIRED' } });
});
