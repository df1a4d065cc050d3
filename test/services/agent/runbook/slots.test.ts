import { readRunbook } from '@physiclaw/answer';
import { expect, test } from 'vitest';
import { fillArguments, fillSlots, fits, openSlots } from '#services/agent/runbook/slots.ts';

const runbook = readRunbook(
  {
    id: 'a/b',
    title: 't',
    asks: ['one', 'two', 'three'],
    slots: {
      path: { type: 'path', title: 'where', optional: true },
      since: { type: 'duration', title: 'since when', default: '1h' },
      most: { type: 'number', title: 'how many' },
    },
  },
  'test',
);

test('what is not given has its default, or stays open where it may', () => {
  expect(fillSlots([runbook], { most: '3' })).toEqual({ since: '1h', most: '3' });
});

test.each<[string, Record<string, string>, string]>([
  ['a slot that has to be filled', {}, 'most (how many): expected a number, found nothing'],
  ['a value of another type', { most: 'many' }, 'expected a number, found "many"'],
  ['a duration without unit', { most: '1', since: '30' }, 'expected a duration such as'],
  ['a path that is not absolute', { most: '1', path: '../etc' }, 'expected an absolute path'],
  ['a name that is no slot', { most: '1', color: 'red' }, 'there is no slot color'],
])('%s is refused', (_, given, message) => {
  const fill = () => fillSlots([runbook], given);

  expect(fill).toThrow(expect.objectContaining({ code: 'AGENT_SLOT_INVALID' }));
  expect(fill).toThrow(message);
});

test('only slots without default that must be filled are asked for', () => {
  expect(openSlots(runbook, {})).toEqual(['most']);
});

test('an argument that is a slot has its type, and one whose slot is open is left out', () => {
  const given = {
    n: '{most}',
    minutes: '{since}',
    paths: ['{path}'],
    all: [],
    text: '{most} of {path}',
  };

  const filled = fillArguments(given, runbook, { most: '3', since: '2d' });

  expect(filled.arguments).toEqual({ n: 3, minutes: 2880, all: [], text: '3 of ' });
  expect(filled.fromSlots).toEqual(['n', 'minutes', 'text']);
});

test('seconds are at least a minute', () => {
  expect(fillArguments({ m: '{since}' }, runbook, { since: '20s' }).arguments).toEqual({ m: 1 });
});

test.each([
  ['mount', 'logs', 'Logs/..'],
  ['process', 'nginx', 'nginx; rm'],
  ['unit', 'ssh.service', 'a b'],
  ['text', 'any words', ''],
] as const)('a %s has its form', (type, right, wrong) => {
  expect(fits(type, right)).toBe(true);
  expect(fits(type, wrong)).toBe(false);
});
