import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { peerCredentials, startTimeOf } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';

async function connected(path: string) {
  const server = createServer();
  const accepted = once(server.listen(path), 'connection').then(([socket]: Socket[]) => {
    if (socket) return socket;
    throw new Error('nobody came');
  });
  await once(server, 'listening');
  return { server, accepted };
}

test('the kernel says which process and which user connected', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'cli.sock');
  const { server, accepted } = await connected(path);
  const child = spawn('/bin/sh', [
    '-c',
    'exec "$0" -e "$1" "$2"',
    process.execPath,
    'require("net").connect(process.argv[1])',
    path,
  ]);
  const socket = await accepted;

  expect(peerCredentials(socket)).toEqual({
    pid: child.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
  socket.destroy();
  server.close();
  await once(child, 'exit');
});

test('a socket that is closed has no peer', async () => {
  using folder = temporaryFolder();
  const { server, accepted } = await connected(join(folder.path, 'cli.sock'));
  const client = connect(join(folder.path, 'cli.sock'));
  const socket = await accepted;
  socket.destroy();
  client.destroy();
  server.close();

  expect(() => peerCredentials(socket)).toThrow('closed');
});

test('a socket of the network has no peer that the kernel knows', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const accepted = once(server, 'connection');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = connect(port, '127.0.0.1');
  const [socket]: Socket[] = await accepted;

  expect(() => socket && peerCredentials(socket)).toThrow('does not know');
  socket?.destroy();
  client.destroy();
  server.close();
});

test('the start time of a process is a count of ticks that stays', () => {
  expect(startTimeOf(process.pid)).toMatch(/^[0-9]+$/);
  expect(startTimeOf(process.pid)).toBe(startTimeOf(process.pid));
});

test('a name with spaces and parentheses does not shift the fields', async () => {
  using folder = temporaryFolder();
  const program = join(folder.path, 'a) S 1 (b');
  copyFileSync('/bin/sleep', program);
  const odd = spawn(program, ['60']);
  await once(odd, 'spawn');
  const plain = spawn('/bin/sleep', ['60']);
  await once(plain, 'spawn');
  const [first, second] = [startTimeOf(odd.pid ?? 0), startTimeOf(plain.pid ?? 0)];
  odd.kill();
  plain.kill();
  await Promise.all([once(odd, 'exit'), once(plain, 'exit')]);

  // Both started within a second, at 100 ticks each.
  expect(Math.abs(Number(first) - Number(second))).toBeLessThan(200);
});

test('a process that is not there has no start time', () => {
  expect(startTimeOf(2 ** 22 + 1)).toBeUndefined();
});
