import { readRunbook } from '@physiclaw/answer';
import { expect, test } from 'vitest';
import { Catalogue } from '#services/agent/skill/catalogue.ts';

const asks = ['one', 'two', 'three'].map((word) => `${word} thing`);
const runbook = (id: string, includes: string[] = []) =>
  readRunbook({ id, title: id, asks, includes }, id);
const catalogue = new Catalogue([
  { runbooks: [runbook('a/top', ['a/left', 'a/right']), runbook('a/left', ['a/low'])] },
  { runbooks: [runbook('a/right', ['a/low']), runbook('a/low')] },
]);

test('a composite is its parts and itself, each once and before what includes it', () => {
  expect(catalogue.whole(['a/top', 'a/left']).map(({ id }) => id)).toEqual([
    'a/low',
    'a/left',
    'a/right',
    'a/top',
  ]);
});

test('a runbook that is not here is an error that names those that are', () => {
  expect(() => catalogue.get('a/none')).toThrow(
    expect.objectContaining({
      code: 'AGENT_RUNBOOK_UNKNOWN',
      message: expect.stringContaining('a/top, a/left, a/right, a/low'),
    }),
  );
});
