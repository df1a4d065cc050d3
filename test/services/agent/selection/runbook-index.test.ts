import { readRunbook } from '@physiclaw/answer';
import { expect, onTestFinished, test } from 'vitest';
import { RunbookIndex } from '#services/agent/selection/runbook-index.ts';
import { Thesaurus } from '#services/agent/selection/thesaurus.ts';

const runbook = (id: string, asks: string[]) => readRunbook({ id, title: id, asks }, id);
const runbooks = [
  runbook('a/disk', ['how full is the disk', 'largest folders', 'free space on a drive']),
  runbook('a/memory', ['who uses the memory', 'memory is short', 'largest processes']),
];

function open(): RunbookIndex {
  const index = new RunbookIndex(runbooks, new Thesaurus([['disk', 'volume']]));
  onTestFinished(() => index[Symbol.dispose]());
  return index;
}

test('the nearest stands first, with the words that it shares with the question', () => {
  const [first, second] = open().match('the volume is full of pictures');

  expect(first).toMatchObject({
    runbook: { id: 'a/disk' },
    words: ['volume', 'full'],
    foreign: ['pictures'],
  });
  expect(first!.score).toBeGreaterThan(second!.score);
});

test('a misspelled word counts as the one that was meant', () => {
  expect(open().match('memroy')[0]).toMatchObject({
    runbook: { id: 'a/memory' },
    words: ['memroy'],
  });
});

test('a question of foreign words is near to nothing', () => {
  expect(open().match('tell a joke about penguins')[0]?.score).toBeLessThan(0.15);
});

test('a score is between nothing and one', () => {
  expect(open().match('who uses the memory')[0]?.score).toBeCloseTo(1, 1);
  expect(
    open()
      .match('?')
      .map(({ score }) => score),
  ).toEqual([0, 0]);
});

test('what a person types is words, not a query', () => {
  expect(() => open().match('" OR stems : * NEAR( disk')).not.toThrow();
});
