import { createRequire } from 'node:module';
import type koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_NOSIGNAL = 0x4000;

// Loaded where systemd started the process: it is native code, and Node knows no such sockets.
const require = createRequire(import.meta.url);

/** Sends one message to a Unix datagram socket; `@` begins a name that is no path. */
export function sendDatagram(path: string, message: string): boolean {
  const { load }: typeof koffi = require('koffi');
  const libc = load('libc.so.6');
  const open = libc.func('int socket(int, int, int)');
  const close = libc.func('int close(int)');
  const send = libc.func(
    'long sendto(int, const uint8_t *bytes, size_t, int, const uint8_t *address, uint32_t)',
  );
  const socket: number = open(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const bytes = Buffer.from(message);
  const address = Buffer.from(`..${path}`);
  address.writeUInt16LE(AF_UNIX, 0);
  if (path.startsWith('@')) address[2] = 0;
  const sent: number = send(socket, bytes, bytes.length, MSG_NOSIGNAL, address, address.length);
  close(socket);
  return sent === bytes.length;
}
