import koffi from 'koffi';
import { expect, onTestFinished } from 'vitest';

const libc = koffi.load('libc.so.6');
const open = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const uint8_t *, uint32_t)');
const receive = libc.func('long recv(int, _Out_ uint8_t *, size_t, int)');
const close = libc.func('int close(int)');

const MSG_DONTWAIT = 0x40;

/** Listens as systemd does; each call gives the next message, or nothing. */
export function listenForDatagrams(name: string): () => string {
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
