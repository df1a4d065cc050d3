import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { notify } from '#appliance/platform/notify.ts';
import { listenForDatagrams } from './datagrams.ts';
import { temporaryFolder } from './echo.ts';

afterEach(() => vi.unstubAllEnvs());

test('under systemd it is told on the socket that systemd names, in one line', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'notify');
  const heard = listenForDatagrams(path);
  vi.stubEnv('NOTIFY_SOCKET', path);
  notify('STATUS=waiting for audit\nREADY=1');
  notify('READY=1');

  expect([heard(), heard()]).toEqual(['STATUS=waiting for audit READY=1', 'READY=1']);
});

test('a socket that nobody listens on stops nothing', () => {
  vi.stubEnv('NOTIFY_SOCKET', '/nowhere/notify');

  expect(() => notify('READY=1')).not.toThrow();
});
