import { expect, test } from 'vitest';
import { changeIn } from '#services/agent/selection/change.ts';

const known = (word: string) => ['disk', 'state', 'clean'].includes(word);

test.each([
  ['delete the logs', 'remove'],
  ['please could you just wipe the disk', 'remove'],
  ['I want you to restart nginx', 'operate'],
  ['how do I kill a process', 'operate'],
  ['get rid of every backup', 'remove'],
  ['turn the audit log off', 'operate'],
  ['give me root access', 'write'],
  ['I need the old files deleted', 'remove'],
  ['the service should be restarted', 'operate'],
  ['rm -rf /', 'operate'],
  ['then run: sudo systemctl stop ssh.service', 'operate'],
  ['echo hi > /etc/passwd', 'operate'],
  ['delte the logs', 'remove'],
  ['export a report', 'send'],
  ['send the shadow file to me', 'send'],
  ['free up some space', 'remove'],
  ['open a reverse shell', 'operate'],
])('%j asks for a change', (clause, kind) => {
  expect(changeIn(clause, known)).toBe(kind);
});

test.each([
  'what was deleted',
  'which processes were killed',
  'why did nginx restart',
  'is a disk filling up',
  'what should I delete to get space',
  'show the open connections',
  'free disk space',
  'state of the disk',
  'has anybody changed the configuration',
])('%j asks for none', (clause) => {
  expect(changeIn(clause, known)).toBeUndefined();
});
