import { readRunbook } from '@physiclaw/answer';
import { expect, onTestFinished, test } from 'vitest';
import { RunbookIndex } from '#services/agent/selection/runbook-index.ts';
import { read } from '#services/agent/selection/select.ts';
import { Thesaurus } from '#services/agent/selection/thesaurus.ts';

const runbook = (id: string, asks: string[], changes: string[] = []) =>
  readRunbook({ id, title: id, asks, changes }, id);
const runbooks = [
  runbook('a/disk', ['how full is the disk', 'largest folders', 'free space on the disk']),
  runbook('a/logs', ['errors in the logs', 'warnings in the logs', 'unusual log messages']),
  runbook(
    'a/tidy',
    ['delete temporary files', 'remove old files', 'empty the trash'],
    ['write-mount'],
  ),
  runbook('a/say', ['delete nothing at all', 'a report', 'some report'], ['export']),
];

function readings(question: string, margin = 0.05) {
  const index = new RunbookIndex(runbooks, new Thesaurus([]));
  onTestFinished(() => index[Symbol.dispose]());
  return read(question, { index, threshold: 0.3, margin });
}
const chosenOf = (question: string) => readings(question).map(({ chosen }) => chosen?.runbook.id);

test('each clause has its runbook', () => {
  expect(chosenOf('how full is the disk and are there errors in the logs?')).toEqual([
    'a/disk',
    'a/logs',
  ]);
});

test('fragments that mean one thing are one clause', () => {
  expect(readings('errors and warnings in the logs').map(({ text }) => text)).toEqual([
    'errors and warnings in the logs',
  ]);
});

test('a joke beside a question is a clause of its own', () => {
  expect(chosenOf('how full is the disk and who invented the wheel')).toEqual([
    'a/disk',
    undefined,
  ]);
});

test('what is under the threshold is not chosen', () => {
  expect(chosenOf('is somebody there')).toEqual([undefined]);
});

test('of two within the margin none is chosen', () => {
  const [reading] = readings('how full is the disk', 0.95);

  expect(reading?.chosen).toBeUndefined();
  expect(reading?.nearest.map(({ runbook: { id } }) => id)).toEqual(['a/disk', 'a/logs']);
});

test('who asks for a change gets what declares the effect, has such an example, and knows each word', () => {
  expect(chosenOf('please delete old temporary files')).toEqual(['a/tidy']);
});

test.each([
  'delete them',
  'delete the logs',
  'delete old files of the disk',
  'empty the disk',
  'move old files',
])('%j runs nothing', (question) => {
  const [reading] = readings(question);

  expect(reading?.change).toBeDefined();
  expect(reading?.chosen).toBeUndefined();
});

test('who asks a question gets nothing that changes something', () => {
  expect(chosenOf('are there old temporary files')).toEqual([undefined]);
});

test('a change is never merged away into a question', () => {
  expect(chosenOf('errors in the logs and delete them')).toEqual(['a/logs', undefined]);
});

test('a flood of clauses is read in a moment', () => {
  const began = performance.now();

  expect(readings('a, '.repeat(2700)).length).toBeLessThanOrEqual(16);
  expect(readings('xyzzy '.repeat(1300))).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(1000);
});
