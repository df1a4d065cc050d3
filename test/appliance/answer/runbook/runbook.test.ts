import { readRunbook, shortName } from '@physiclaw/answer';
import { expect, test } from 'vitest';

const least = { id: 'a/b', title: 't', asks: ['one thing', 'two things', 'three things'] };

test('a runbook needs a name, a title and examples; the rest has its default', () => {
  expect(readRunbook(least, 'f')).toMatchObject({
    changes: [],
    slots: {},
    includes: [],
    blind: [],
  });
});

test.each<[string, object]>([
  ['a key that is not known', { stps: [] }],
  ['fewer than three examples', { asks: ['one thing'] }],
  ['a name without its skill', { id: 'b' }],
  ['an effect that does not exist', { changes: ['delete'] }],
  [
    'a step whose name is a type of the expressions',
    { steps: [{ id: 'list', title: 't', actuator: 'x' }] },
  ],
  [
    'a severity that does not exist',
    { findings: [{ id: 'f', when: 'true', severity: 'bad', sentence: 's' }] },
  ],
])('%s is refused, and the file is named', (_, more) => {
  expect(() => readRunbook({ ...least, ...more }, 'skills/a/b.yaml')).toThrow(
    expect.objectContaining({
      code: 'ANSWER_RUNBOOK_INVALID',
      message: expect.stringContaining('skills/a/b.yaml'),
    }),
  );
});

test('expressions name a runbook without its skill', () => {
  expect(shortName('sre/disk')).toBe('disk');
});
