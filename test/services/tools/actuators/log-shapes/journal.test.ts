import { expect, test } from 'vitest';
import { parseJournal } from '#services/tools/actuators/log-shapes/journal.ts';

const entry = (fields: object) =>
  JSON.stringify({ __REALTIME_TIMESTAMP: '1763722800123456', MESSAGE: 'hello', ...fields });

test('an entry is a line of its unit, at its time', () => {
  expect(parseJournal(entry({ SYSLOG_IDENTIFIER: 'sshd', PRIORITY: '6' }))).toEqual([
    { source: 'journal sshd', at: 1_763_722_800, text: 'hello' },
  ]);
});

test.each([
  ['3', 'error'],
  ['4', 'warning'],
])('priority %s is %s, whatever the words are', (PRIORITY, level) => {
  expect(parseJournal(entry({ PRIORITY }))).toMatchObject([{ level }]);
});

test('a message that is no text comes as bytes', () => {
  expect(parseJournal(entry({ MESSAGE: [104, 105, 10] }))).toMatchObject([
    { source: 'journal unnamed', text: 'hi' },
  ]);
});

test('a message that journalctl leaves out for its length is said to be one', () => {
  expect(parseJournal(entry({ MESSAGE: null }))).toMatchObject([
    { text: 'message of more than 4096 bytes' },
  ]);
});
