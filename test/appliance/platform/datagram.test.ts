import { join } from 'node:path';
import koffi from 'koffi';
import { expect, onTestFinished, test } from 'vitest';
import { sendDatagram } from '#appliance/platform/datagram.ts';
import { temporaryFolder } from './echo.ts';

const libc = koffi.load('libc.so.6');
const open = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const uint8_t *, uint32_t)');
const receive = libc.func('long recv(int, _Out_ uint8_t *, size_t, int)');
const close = libc.func('int close(int)');

const MSG_DONTWAIT = 0x40;

/** Listens as systemd does. */
function listen(name: string): () => string {
  const socket: number = open(1, 2, 0);
  onTestFinished(() => void close(socket));
  const address = Buffer.from(`\x01\0${name}`);
  expect(bind(socket, address, address.length)).toBe(0);
  return () => {
    const bytes = Buffer.alloc(256);
    const length: number = receive(socket, bytes, bytes.length, MSG_DONTWAIT);
    return bytes.toString('utf8', 0, Math.max(0, length));
  };
}

test('a message arrives whole at a path', () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'notify');
  const heard = listen(path);

  expect(sendDatagram(path, 'STATUS=waiting for audit')).toBe(true);
  expect([heard(), heard()]).toEqual(['STATUS=waiting for audit', '']);
});

test('a message arrives at a name that is no path', () => {
  const heard = listen(`\0physiclaw-test-${process.pid}`);

  expect(sendDatagram(`@physiclaw-test-${process.pid}`, 'READY=1')).toBe(true);
  expect(heard()).toBe('READY=1');
});

test('where nobody listens nothing is sent', () => {
  expect(sendDatagram('/nowhere/notify', 'READY=1')).toBe(false);
});
