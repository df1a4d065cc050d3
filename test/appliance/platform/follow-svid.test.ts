import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { createLogger, followSvid } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';

const at = new Date().toISOString();
const update = (cert: string) => ({
  id: 'spiffe://test.internal/echo',
  cert,
  key: 'key',
  bundle: 'bundle',
  notAfter: at,
  renewAt: at,
});
const line = (cert: string) => `${JSON.stringify(update(cert))}\n`;
const svid = (cert: string) => ({ cert, key: 'key', ca: 'bundle' });

/** Hands out what it is told to, as `identity` does. */
async function serveSvids(path: string, greet: (socket: Socket, count: number) => void) {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    connections += 1;
    greet(socket, connections);
  });
  await once(server.listen(path), 'listening');
  return {
    say: (text: string) => open.forEach((socket) => socket.write(text)),
    [Symbol.dispose]() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function listen() {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string) => lines.push(JSON.parse(text));
  return { lines, log: createLogger('echo', 'info', { write }) };
}

/** The next SVID that a source gives. */
function next(source: { onChange(listener: (svid: { cert: string }) => void): Disposable }) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listening = source.onChange(({ cert }) => {
    listening[Symbol.dispose]();
    resolve(cert);
  });
  return promise;
}

test('the first SVID is waited for, and each renewal is told', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  using identity = await serveSvids(socket, (workload) => workload.write(line('1')));
  await using source = followSvid({ socket, ...listen() });

  expect(await source.current()).toEqual(svid('1'));
  const renewed = next(source);
  identity.say(line('2'));
  expect(await renewed).toBe('2');
  expect(source.current()).toEqual(svid('2'));
});

test('identity may come later', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  const { lines, log } = listen();
  await using source = followSvid({ socket, log });
  const first = source.current();
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });
  using identity = await serveSvids(socket, (workload) => workload.write(line('1')));

  expect(await first).toEqual(svid('1'));
  expect(identity).toBeDefined();
  expect(lines).toMatchObject([{ msg: 'waiting', what: 'identity' }]);
});

test('a stream that ends is opened again, and the last SVID is kept meanwhile', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  using identity = await serveSvids(socket, (workload, count) => workload.end(line(`${count}`)));
  await using source = followSvid({ socket, ...listen() });
  await source.current();
  const renewed = next(source);

  expect(source.current()).toEqual(svid('1'));
  expect(await renewed).toBe('2');
  expect(identity).toBeDefined();
});

test.each([
  ['an SVID without a key', '{"cert":"x"}\n'],
  ['a line that is no JSON', 'hello\n'],
  ['nothing', ''],
])('after %s the stream is opened again, and it is logged', async (_what, text) => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  const { lines, log } = listen();
  using identity = await serveSvids(socket, (workload, count) =>
    workload.end(count === 1 ? text : line(`${count}`)),
  );
  await using source = followSvid({ socket, log });

  expect(await source.current()).toEqual(svid('2'));
  expect(lines[0]).toMatchObject({ msg: 'waiting', what: 'identity' });
  expect(identity).toBeDefined();
});

test('a key never stands in a log line', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  const { lines, log } = listen();
  const wrong = `${JSON.stringify({ ...update('1'), key: 'hunter2', more: 'hunter2' })}\n`;
  using identity = await serveSvids(socket, (workload, count) =>
    workload.end(count === 1 ? wrong : line('2')),
  );
  await using source = followSvid({ socket, log });
  await source.current();

  expect(JSON.stringify(lines)).not.toContain('hunter2');
  expect(identity).toBeDefined();
});

test('a source that is let go of ends the wait, and follows no more', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  const source = followSvid({ socket, ...listen() });
  const first = source.current();
  await source[Symbol.asyncDispose]();

  await expect(first).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
});

test('a source is let go of while its stream stands', async () => {
  using folder = temporaryFolder();
  const socket = join(folder.path, 'workload.sock');
  const { lines, log } = listen();
  using identity = await serveSvids(socket, (workload) => workload.write(line('1')));
  const source = followSvid({ socket, log });
  await source.current();
  await source[Symbol.asyncDispose]();

  expect(identity).toBeDefined();
  expect(lines).toEqual([]);
});
