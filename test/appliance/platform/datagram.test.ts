import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sendDatagram } from '#appliance/platform/datagram.ts';
import { listenForDatagrams } from './datagrams.ts';
import { temporaryFolder } from './echo.ts';

test('a message arrives whole at a path', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'notify');
  const heard = listenForDatagrams(path);

  expect(sendDatagram(path, 'STATUS=waiting for audit')).toBe(true);
  expect([heard(), heard()]).toEqual(['STATUS=waiting for audit', '']);
});

test('a message arrives at a name that is no path', () => {
  const heard = listenForDatagrams(`\0physiclaw-test-${process.pid}`);

  expect(sendDatagram(`@physiclaw-test-${process.pid}`, 'READY=1')).toBe(true);
  expect(heard()).toBe('READY=1');
});

test('where nobody listens nothing is sent', () => {
  expect(sendDatagram('/nowhere/notify', 'READY=1')).toBe(false);
});
