import { hashLeaf } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { entryMessage, forkAlert, heartbeat } from '#services/siem/message/messages.ts';
import { entryText, TestLog } from '../../tools/log.ts';

const turn = {
  kind: 'turn',
  session: `s-${'0'.repeat(32)}`,
  turn: `t-${'0'.repeat(32)}`,
  verb: 'asked',
  planner: 'runbook',
} as const;
const entryOf = (text: string) => ({ index: 3, text, leaf: hashLeaf(Buffer.from(text)) });

test('an entry is sent as it stands in the log, with its place and its hash', () => {
  const text = entryText('agent', turn);
  const message = entryMessage(entryOf(text), 9);

  expect(message).toEqual({
    severity: 'informational',
    time: 1,
    id: 'turn',
    data: { index: 3, size: 9, leaf: Buffer.from(hashLeaf(Buffer.from(text))).toString('base64') },
    text,
  });
});

test.each([
  [{ kind: 'kill', kill: 'k-0', by: 'file', at: '2026-11-21T00:00:00Z' } as const, 'warning'],
  [{ kind: 'refusal', check: 'TOOLS_LOG_FORKED', count: 1 } as const, 'warning'],
  [turn, 'informational'],
])('%j is %s', (event, severity) => {
  expect(entryMessage(entryOf(entryText('policy', event)), 4).severity).toBe(severity);
});

test('a denial is a warning', () => {
  const text = JSON.stringify({
    time: 1,
    unmapped: { event: { kind: 'decision', verdict: 'deny' } },
  });

  expect(entryMessage(entryOf(text), 4).severity).toBe('warning');
});

test.each(['no JSON', '{}', '{"time":"x"}', 'null'])('what is no entry is sent too: %s', (text) => {
  const message = entryMessage(entryOf(text), 4);

  expect(message).toMatchObject({ id: '', time: undefined, text });
});

test('a heartbeat carries the note as it was signed', () => {
  const log = new TestLog();
  log.append('agent', turn);
  const note = log.checkpoint();
  const { data } = heartbeat({ note, origin: 'o', size: 1, root: new Uint8Array(32) }, 1, 5);

  expect(Buffer.from(String(data['checkpoint']), 'base64').toString()).toBe(note);
  expect(data).toMatchObject({ size: 1, next: 1 });
});

test('a fork is an alert with both notes', () => {
  const { severity, data } = forkAlert('one\n', 'other\n', 5);
  const read = (name: string) => Buffer.from(String(data[name]), 'base64').toString();

  expect([severity, read('checkpoint'), read('found')]).toEqual(['alert', 'one\n', 'other\n']);
});
