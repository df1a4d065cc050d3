import { once } from 'node:events';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { Connection } from '#services/siem/receiver/connection.ts';
import type { Progress } from '#services/siem/receiver/receiver.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';

export const authority = await createAuthority('siem.internal');
const names = [{ type: 'dns' as const, value: 'localhost' }];
export const own = await authority.issue('rsyslog', { names });

/** Something that listens for TLS on loopback until the test ends; the port that it has. */
export async function listen(
  behave: (socket: TLSSocket) => void,
  options: TlsOptions = own,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => behave(socket.on('error', () => undefined)));
  server.on('connection', (socket: Socket) => sockets.add(socket));
  return opened(server, sockets);
}

/** The same without TLS. */
export async function listenPlainly(behave: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createPlainServer((socket) => {
    sockets.add(socket);
    behave(socket.on('error', () => undefined));
  });
  return opened(server, sockets);
}

async function opened(
  server: ReturnType<typeof createPlainServer>,
  sockets: ReadonlySet<Socket>,
): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

export interface Connecting {
  readonly host?: string;
  readonly ca?: string;
  readonly shown?: typeof own;
}

/** A connection that ends with the test. */
export async function connectTo(
  port: number,
  { host = 'localhost', ca = authority.ca, shown }: Connecting = {},
): Promise<Connection> {
  const { signal } = new AbortController();
  const address = { protocol: 'relp', host, port } as const;
  const connection = await Connection.open(address, { ca, own: shown, signal });
  onTestFinished(() => connection[Symbol.dispose]());
  return connection;
}

/** What a receiver told of its progress. */
export function watchProgress() {
  const told = { safe: 0, acknowledged: 0 };
  const progress: Progress = {
    onSafe: (entries) => (told.safe = entries),
    onAcknowledged: (entries) => (told.acknowledged = entries),
  };
  return { told, progress };
}

/** So many messages, one for each entry. */
export function messagesOf(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    bytes: Buffer.from(`message ${n}`),
    sent: n + 1,
  }));
}
